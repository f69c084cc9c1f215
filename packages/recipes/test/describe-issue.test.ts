import { expect, it } from 'vitest';
import { resolve } from '../src/recipe/resolve.ts';
import { applySettings } from '../src/recipe/settings.ts';

/** What a setting of an otherwise right recipe is answered with. */
async function answer(setting: string, recipe: object = {}): Promise<string> {
  const file = { value: { loss: { name: 'focal' }, ...recipe }, locate: () => 'run.yaml' };
  const { value, locate } = applySettings(file, [setting]);
  return resolve(value, locate).then(
    () => 'right',
    (error: Error) => error.message,
  );
}

it.each([
  ['pictures.flip=fals', 'should be true or false, got "fals"'],
  ['pictures.shift=1.5', 'should be a whole number, got 1.5'],
  ['pictures.shift=-1', 'should be at least 0, got -1'],
  ['pictures.contrast=1', 'should be below 1, got 1'],
  ['pictures.cutout.share=2', 'should be at most 1, got 2'],
  ['pictures.cutout=5', 'should be entries, got 5'],
  ['pictures.normalization=mean', 'should be one of encoder, imagenet, clip, half, none, got "mean"'],
  ['seed=.nan', 'should be a number, got NaN'],
  ['seed=[1, 2]', 'should be a number, got [1,2]'],
  ['features.memory=0', 'should be above 0, got 0'],
  ['features.views=many', 'should be a number, got "many"'],
  ['dropLast=null', 'should be true or false, got null'],
  ['name=[a]', 'should be a text, got ["a"]'],
  ['method=3', 'should be entries, got 3'],
  ['method.options.epochs=-3', 'should be above 0, got -3'],
  ['method.options.optimizer.learningRate=fast', 'should be a number, got "fast"'],
  ['evaluation.select.metric=map', /^should be one of mAP, .* got "map"$/],
  ['data={name: folder, root: 3}', 'data.root: should be a text or a list, got 3'],
  ['data={name: folder, root: []}', 'data.root: should be a list of at least 1 entries, got []'],
  ['data={name: table, root: x}', 'data.file: should be a text'],
  ['epochs=1', /^unknown "epochs" \(method\.options\.epochs\?\); known: name, /],
  ['learningRate=1', /^unknown "learningRate" \(method\.options\.optimizer\.learningRate\?\); known: /],
  ['step=5', /^unknown "step" \(steps\?\); known: /],
  ['constructor=5', /^unknown "constructor"; known: /],
  ['loss.name=hinge', /^should be one of binary-cross-entropy, [^()]*$/],
  ['loss.name=focl', /^should be one of binary-cross-entropy, .* \(focal\?\)$/],
])('--set %s is answered in plain words that name the entry once', async (setting, expected) => {
  const message = await answer(setting);
  const [key] = setting.split('=');
  expect(message.startsWith(`--set ${key}: `), message).toBe(true);
  const words = message.slice(`--set ${key}: `.length);
  if (typeof expected === 'string') expect(words).toBe(expected);
  else expect(words).toMatch(expected);
});

it('an entry at the wrong place is answered with the right ones', async () => {
  const method = { name: 'mkt' };
  expect(await answer('epochs=1', { loss: null, method })).toContain(
    'unknown "epochs" (method.options.distil.epochs or method.options.prompt.epochs?)',
  );
});
