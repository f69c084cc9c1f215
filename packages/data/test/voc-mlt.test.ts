import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DataError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { labelsFromLists } from '../src/label-codes.ts';
import { resamplingReport } from '../src/resampling.ts';
import { reconstructVocMlt } from '../src/voc-mlt.ts';

// The published lists may not be shipped; they are compared with where someone has put them beside the repository.
const published = fileURLToPath(new URL('../../../../shared/data/voc-mlt.json', import.meta.url));
const here = existsSync(published);

interface Published {
  readonly pool: { readonly ids: string[]; readonly labels: number[][] };
  readonly train: { readonly ids: string[]; readonly labels: number[][] };
}

const read = (): Published => JSON.parse(readFileSync(published, 'utf8'));

test.skipIf(!here)('gives the published 1,142 ids in their order (needs voc-mlt.json)', () => {
  const { pool, train } = read();
  const images = reconstructVocMlt(labelsFromLists(pool.labels, 20));
  expect(Array.from(images, (image) => pool.ids[image])).toEqual(train.ids);
});

test.skipIf(!here)('re-sampling makes "person" still more frequent, as figure 1 has it (needs voc-mlt.json)', () => {
  const report = resamplingReport(labelsFromLists(read().train.labels, 20));
  expect(report.classes[14].shareBefore).toBeCloseTo(0.679, 3);
  expect(report.classes[14].shareAfter).toBeCloseTo(0.768, 3);
  expect(report.labelsPerImage).toBeCloseTo(2.05, 2);
  expect(report.labelsPerDraw).toBeCloseTo(2.46, 2);
  expect(report.largestGain).toBeCloseTo(16.3, 1);
});

test('refuses another pool', () => {
  expect(() => reconstructVocMlt(labelsFromLists([[0]], 20))).toThrow(DataError);
});
