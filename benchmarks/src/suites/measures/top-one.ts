import { pairedMeansBootstrap, type Scores, shotAccuracy } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import type { Measures, TestScores } from './measure.ts';

/**
 * Top-1 accuracy over all images, and over images of classes with many (head), medium and few (tail) training images.
 */
export const topOne: Measures = {
  titles: { total: 'top-1', many: 'many', medium: 'medium', few: 'few' },
  perClassTitle: 'top-1',
  of(run) {
    const { top1, head, medium, tail } = shotAccuracy(run.scores, classesOf(run.scores), run.groups);
    const known = (value: number | null | undefined): number => value ?? Number.NaN;
    return { total: top1, many: known(head.top1), medium: known(medium.top1), few: known(tail.top1) };
  },
  perClass(run) {
    const [labels, correct] = [classesOf(run.scores), correctOf(run)];
    return run.classCounts.map((_, c) => {
      const images = labels.flatMap((label, i) => (label === c ? [i] : []));
      return images.reduce((sum, i) => sum + correct[i], 0) / images.length;
    });
  },
  compare(first, second, seed) {
    const labels = classesOf(first.scores);
    const { head, medium, tail } = first.groups;
    const imagesOf = (classes: readonly number[]): number[] =>
      labels.flatMap((c, i) => (classes.includes(c) ? [i] : []));
    return pairedMeansBootstrap(correctOf(first), correctOf(second), {
      groups: { total: [...labels.keys()], many: imagesOf(head), medium: imagesOf(medium), few: imagesOf(tail) },
      random: new RandomStream(seed),
    });
  },
};

/** The class of each image. */
function classesOf({ rows, columns, present }: Scores): number[] {
  return Array.from({ length: rows }, (_, row) => present.subarray(row * columns, (row + 1) * columns).indexOf(1));
}

/** [N] 1 for an image whose class has the highest score, else 0. */
function correctOf(run: TestScores): number[] {
  const labels = classesOf(run.scores);
  const { predictions } = shotAccuracy(run.scores, labels, run.groups);
  return labels.map((label, i) => Number(predictions[i] === label));
}
