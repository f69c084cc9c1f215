import { RandomStreams } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { drawsOf } from '../src/build/draws.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolveText } from './resolve-text.ts';

const labels = { rows: 100, columns: 2, present: Uint8Array.from({ length: 200 }, (_, at) => Number(at % 2 === 0)) };

const recipe = (batchSize: string): Recipe =>
  resolveText(`data: { name: digits-lt-single }\nmethod: { name: dscl }\ndropLast: true\nbatchSize: ${batchSize}`);

it('each stage has batches of its own size', () => {
  const draws = drawsOf(recipe('{ pretrain: 20, classify: 50 }'), labels, new RandomStreams(1));
  expect(draws.map(({ batchSize, stepsPerEpoch }) => [batchSize, stepsPerEpoch])).toEqual([
    [20, 5],
    [50, 2],
  ]);
});

it('one size is for all stages', () => {
  const draws = drawsOf(recipe('25'), labels, new RandomStreams(1));
  expect(draws.map(({ batchSize, stepsPerEpoch }) => [batchSize, stepsPerEpoch])).toEqual([
    [25, 4],
    [25, 4],
  ]);
});

it.each(['{ pretrain: 20 }', '{ pretrain: 20, train: 20 }', '{ pretrain: 2, classify: 2, tune: 2 }'])(
  '%s is refused with the stages of the method',
  (sizes) => {
    expect(() => drawsOf(recipe(sizes), labels, new RandomStreams(1))).toThrow(
      /should name the stages of dscl, pretrain, classify/,
    );
  },
);
