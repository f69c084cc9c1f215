import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stepsOf } from './contributing.ts';
import { EditedSources } from './edited-sources.ts';

const [[source], [index], , [table]] = stepsOf('Add a metric', { group: 'protocols', name: 'copied' });
const [[shipped]] = stepsOf('Add a metric', { group: 'protocols', name: 'shot-accuracy' });
const sources = new EditedSources();

/** The accuracy again, and the error rate as its complement. */
beforeAll(() => {
  sources.addCopy(source, shipped, { shotAccuracy: 'copiedAccuracy', ShotAccuracy: 'CopiedAccuracy' });
  sources.insert(index, {
    'export { type GroupAccuracy': "export { type CopiedAccuracy, copiedAccuracy } from './protocols/copied.ts';",
  });
  sources.insert(table, {
    '  countPredictions,': '  copiedAccuracy,',
    '  accuracy: ': `
      errorRate: {
        labels: 'single',
        value: (scores, groups) => 1 - copiedAccuracy(scores, ownClasses(scores), groups).top1,
      },`,
  });
  sources.apply();
});
afterAll(() => sources.dispose());

const single = { name: 'digits-lt-single', share: 0.03, testScenes: 20 };

it('adding a metric takes its file, an export and an entry of the table: an epoch is chosen by it', async () => {
  const { build, resolve, run } = await import('../src/node/index.ts');
  const train = async (metric: string, mode: string) => {
    const recipe = {
      data: single,
      loss: { name: 'balanced-softmax' },
      encoder: { imageSize: 16 },
      features: { views: 0 },
      method: { options: { epochs: 3, optimizer: { name: 'sgd', learningRate: 5 } } },
      evaluation: { select: { metric, mode } },
    };
    const built = await build(await resolve(recipe));
    const epochs: Readonly<Record<string, number>>[] = [];
    const observers = [{ onEpoch: ({ metrics = {} }) => void epochs.push(metrics) }];
    const { best } = await run(built, { folder: join(sources.folder, metric), observers, onWarning: () => {} });
    built.dispose();
    return { best, epochs };
  };
  const byError = await train('errorRate', 'min');
  const byAccuracy = await train('accuracy', 'max');
  for (const { errorRate, accuracy } of byError.epochs) expect(errorRate).toBe(1 - accuracy);
  expect(byError.best?.value).toBe(Math.min(...byError.epochs.map(({ errorRate }) => errorRate)));
  expect(byError.best?.step).toBe(byAccuracy.best?.step);
  // Not just the last or the first one.
  expect(new Set(byError.epochs.map(({ errorRate }) => errorRate)).size).toBeGreaterThan(1);
});

it('is refused for data that it does not fit, and a slip in its name with it in the list', async () => {
  const { build, resolve } = await import('../src/node/index.ts');
  const select = (metric: string) => ({ loss: { name: 'focal' }, evaluation: { select: { metric } } });
  const data = { name: 'digits-ml', trainScenes: 60, testScenes: 20 };
  await expect(build(await resolve({ ...select('errorRate'), data }))).rejects.toThrow(
    /evaluation\.select\.metric: unknown metric "errorRate" for this data set and sigmoid scores; known: mAP, .*CF1, OF1$/,
  );
  await expect(resolve(select('errorrate'))).rejects.toThrow(/should be one of mAP, .*errorRate/);
});
