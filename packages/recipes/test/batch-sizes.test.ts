import { RandomStreams } from '@ltml/tensor';
import { sparseOf } from '@ltml/tensor/labels';
import { expect, it } from 'vitest';
import { type Draws, drawsOf } from '../src/build/draws.ts';
import { allMethods } from './all-methods.ts';
import { resolveText } from './resolve-text.ts';

const labels = sparseOf({
  rows: 100,
  columns: 2,
  present: Uint8Array.from({ length: 200 }, (_, at) => Number(at % 2 === 0)),
});

async function draws(batchSize: string): Promise<readonly Draws[]> {
  const text = `data: { name: digits-lt-single }\nmethod: { name: dscl }\ndropLast: true\nbatchSize: ${batchSize}`;
  return drawsOf(await resolveText(text), allMethods.dscl, labels, new RandomStreams(1));
}

it('each stage has batches of its own size', async () => {
  expect(
    (await draws('{ pretrain: 20, classify: 50 }')).map(({ batchSize, stepsPerEpoch }) => [batchSize, stepsPerEpoch]),
  ).toEqual([
    [20, 5],
    [50, 2],
  ]);
});

it('one size is for all stages', async () => {
  expect((await draws('25')).map(({ batchSize, stepsPerEpoch }) => [batchSize, stepsPerEpoch])).toEqual([
    [25, 4],
    [25, 4],
  ]);
});

it.each(['{ pretrain: 20 }', '{ pretrain: 20, train: 20 }', '{ pretrain: 2, classify: 2, tune: 2 }'])(
  '%s is refused with the stages of the method',
  async (sizes) => {
    await expect(draws(sizes)).rejects.toThrow(/should name the stages of dscl: pretrain, classify/);
  },
);
