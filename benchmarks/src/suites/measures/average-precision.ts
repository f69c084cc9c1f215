import { pairedBootstrap, splitReport } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import type { Measures } from './measure.ts';

const names = ['total', 'head', 'medium', 'tail'] as const;

/** mAP over all classes, and over the head, medium and tail classes. */
export const averagePrecisionByGroup: Measures = {
  titles: Object.fromEntries(names.map((name) => [name, `mAP ${name}`])),
  perClassTitle: 'AP',
  of({ scores, groups }) {
    const report = splitReport(scores, groups);
    return Object.fromEntries(names.map((name) => [name, report[name].meanAveragePrecision]));
  },
  perClass: ({ scores, groups }) => Array.from(splitReport(scores, groups).averagePrecision),
  compare(first, second, seed) {
    const groups = { total: [...first.classCounts.keys()], ...first.groups };
    return pairedBootstrap(first.scores, second.scores, { groups, random: new RandomStream(seed) });
  },
};
