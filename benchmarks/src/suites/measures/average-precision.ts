import { pairedBootstrap, splitReport } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import { frequencyGroups } from '@ltml/tensor/labels';
import type { Measures } from './measures.ts';

const names = ['total', 'head', 'medium', 'tail'] as const;

/** mAP over all classes, and over the head, medium and tail classes by their training images. */
export const averagePrecisionByGroup: Measures = {
  titles: Object.fromEntries(names.map((name) => [name, `mAP ${name}`])),
  perClassTitle: 'AP',
  of({ scores, classCounts }) {
    const report = splitReport(scores, frequencyGroups(classCounts));
    return Object.fromEntries(names.map((name) => [name, report[name].meanAveragePrecision]));
  },
  perClass: ({ scores, classCounts }) => Array.from(splitReport(scores, frequencyGroups(classCounts)).averagePrecision),
  compare(first, second, seed) {
    const { classCounts } = first;
    const groups = { total: [...classCounts.keys()], ...frequencyGroups(classCounts) };
    return pairedBootstrap(first.scores, second.scores, { groups, random: new RandomStream(seed) });
  },
};
