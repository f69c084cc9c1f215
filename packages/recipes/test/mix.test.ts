import type { Stage } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkMix } from '../src/build/check-mix.ts';
import { build } from '../src/node/index.ts';
import { resolveText } from './resolve-text.ts';

const recipeOf = (text: string) => resolveText(`features: null\n${text}`);

it('is left out unless it is named, then as published', async () => {
  const loss = 'loss: { name: binary-cross-entropy }';
  expect((await recipeOf(loss)).mix).toBe(null);
  expect((await recipeOf(`${loss}\nmix: { name: mixup }`)).mix).toEqual({ name: 'mixup', alpha: 0.2, probability: 1 });
  expect((await recipeOf(`${loss}\nmix: { name: cutmix }`)).mix).toEqual({ name: 'cutmix', alpha: 1, probability: 1 });
});

it.each(['mixup', 'cutmix'])(
  '%s mixes training batches: partial labels lie between 0 and 1, fewer of them are known',
  async (name) => {
    const data = 'data: { name: digits-lt, knownLabels: { proportion: 0.5 } }';
    const loss = 'loss: { name: partial-binary-cross-entropy }';
    const [plain, mixed] = await Promise.all(
      [`${data}\n${loss}`, `${data}\n${loss}\nmix: { name: ${name}, alpha: 1 }`].map(recipeOf),
    );
    const shares = [];
    for (const recipe of [plain, mixed]) {
      const built = await build(recipe);
      for await (const { inputs, labels, known } of built.loader.epoch()) {
        const [values, marks] = [labels, known].map((tensor) => Array.from(tensor.dataSync()));
        tf.dispose([inputs, labels, known]);
        shares.push(marks.reduce((sum, mark) => sum + mark, 0) / marks.length);
        expect(values.some((label) => label > 0 && label < 1)).toBe(recipe === mixed);
        break;
      }
      built.dispose();
    }
    expect(shares[0]).toBeCloseTo(0.5, 1);
    expect(shares[1]).toBeCloseTo(0.25, 1);
  },
);

it.each([
  [
    'loss: { name: focal }',
    /mix: mixup makes labels between 0 and 1, but the loss focal takes only 0 and 1; use one of binary-cross-entropy, multi-label-soft-margin, partial-binary-cross-entropy/,
  ],
  ['loss: { name: binary-cross-entropy, thresholds: [0.1, 0.9] }', /the loss binary-cross-entropy takes only 0 and 1/],
])('is refused before the first step with %s', async (text, message) => {
  await expect(build(await recipeOf(`mix: { name: mixup }\n${text}`))).rejects.toThrow(message);
});

it('is refused on features that are kept, and by an unknown name', async () => {
  const loss = 'loss: { name: binary-cross-entropy }';
  const text = `mix: { name: mixup }\n${loss}`;
  await expect(resolveText(text)).rejects.toThrow(
    /:1: mix: works on images, not on stored features: set features: null/,
  );
  await expect(recipeOf(`${loss}\nmix: { name: mixUp }`)).rejects.toThrow(/mix\.name: should be one of mixup, cutmix/);
  await expect(recipeOf(`${loss}\nmix: { name: mixup, alpha: 0 }`)).rejects.toThrow(/mix\.alpha/);
  await expect(recipeOf(`${loss}\nmix: { name: mixup, lambda: 1 }`)).rejects.toThrow(
    /unknown "lambda"; known: name, alpha, probability/,
  );
});

it('is refused where a stage of the method takes 0 and 1 alone, whatever the loss', async () => {
  const sarb = await recipeOf('mix: { name: mixup }\nmethod: { name: sarb }');
  const statistics = { trainCount: 2, classCounts: [1], cooccurrence: [[1]] };
  const stage = (softLabels?: true): Stage => ({ softLabels }) as Stage;
  const check = (...stages: Stage[]) => checkMix(sarb, { stages }, null, statistics);
  expect(() => check(stage(true), stage())).toThrow(/mixup makes labels between 0 and 1, but sarb takes only 0 and 1/);
  expect(() => check(stage(true))).not.toThrow();
});
