import { labelRankingReport, pairedBootstrap, type Scores } from '@ltml/metrics';
import { DataError, RandomStream } from '@ltml/tensor';
import type { Interval, Measures, TestScores } from './measure.ts';

/** k of precision and recall: about the number of labels that an image has among these classes. */
const topLabels = { zsl: 1, gzsl: 3 } as const;

/**
 * Zero-shot measures: the mAP over classes, and the F1 of the k best labels of an image over all images. Images without
 * a label count. Zero-shot learning (ZSL) ranks the unseen classes among themselves. Generalised ZSL (GZSL) ranks all
 * classes.
 *
 * Source: the protocol of NUS-WIDE in He et al. (MKT, AAAI 2023).
 */
export const unseenClasses: Measures = {
  titles: {
    zsl: 'ZSL mAP',
    zslF1: `ZSL F1@${topLabels.zsl}`,
    gzsl: 'GZSL mAP',
    gzslF1: `GZSL F1@${topLabels.gzsl}`,
  },
  perClassTitle: 'AP',
  of(run) {
    const unseen = labelRankingReport(unseenOf(run), { k: [topLabels.zsl] });
    const all = labelRankingReport(run.scores, { k: [topLabels.gzsl] });
    return {
      zsl: unseen.meanAveragePrecision,
      zslF1: unseen.atK[0].f1,
      gzsl: all.meanAveragePrecision,
      gzslF1: all.atK[0].f1,
    };
  },
  perClass: ({ scores }) => Array.from(labelRankingReport(scores, { k: [topLabels.gzsl] }).averagePrecision),
  compare: (first, second, seed) => ({
    zsl: compareAll(unseenOf(first), unseenOf(second), seed),
    gzsl: compareAll(first.scores, second.scores, seed),
  }),
};

function compareAll(first: Scores, second: Scores, seed: number): Interval {
  const groups = { all: Array.from({ length: first.columns }, (_, c) => c) };
  return pairedBootstrap(first, second, { groups, random: new RandomStream(seed) }).all;
}

function unseenOf({ unseen }: TestScores): Scores {
  if (unseen) return unseen;
  throw new DataError({
    where: 'unseenClasses',
    argument: 'run',
    expected: 'a run with test scores of unseen classes',
    received: 'none',
    hint: 'Set data.unseenClasses, and use a method that embeds class names.',
  });
}
