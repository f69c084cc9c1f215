import {
  averagePrecision,
  countPredictions,
  interpolated,
  logitAtLeast,
  meanAveragePrecision,
  pairedBootstrap,
  precisionRecall,
} from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import type { Measures } from './measure.ts';

/**
 * The measures of the literature on partial labels: interpolated mAP, and OP … CF1, which count classes with a logit ≥
 * 0 as predicted.
 *
 * Source: Pu et al. (SARB, AAAI 2022), section 4.1, and their code.
 */
export const partialLabels: Measures = {
  titles: { total: 'mAP', OP: 'OP', OR: 'OR', OF1: 'OF1', CP: 'CP', CR: 'CR', CF1: 'CF1' },
  perClassTitle: 'AP',
  of({ scores }) {
    const counts = precisionRecall(countPredictions(scores, { decide: logitAtLeast(0) }));
    return {
      total: meanAveragePrecision(averagePrecision(scores, { rule: interpolated, emptyClasses: 'skip' })),
      OP: counts.overallPrecision,
      OR: counts.overallRecall,
      OF1: counts.overallF1,
      CP: counts.classPrecision,
      CR: counts.classRecall,
      CF1: counts.classF1,
    };
  },
  perClass: ({ scores }) => Array.from(averagePrecision(scores, { rule: interpolated })),
  compare(first, second, seed) {
    const groups = { total: [...first.classCounts.keys()] };
    return pairedBootstrap(first.scores, second.scores, { groups, rule: interpolated, random: new RandomStream(seed) });
  },
};
