import { averagePrecisionByGroup } from './average-precision.ts';
import type { Measures } from './measure.ts';
import { partialLabels } from './partial-labels.ts';
import { topOne } from './top-one.ts';
import { unseenClasses } from './unseen-classes.ts';

export const measuresNames = ['average-precision', 'partial-labels', 'top-one', 'unseen-classes'] as const;

export type MeasuresName = (typeof measuresNames)[number];

/** Measures by their name in a suite. */
export const measures: Readonly<Record<MeasuresName, Measures>> = {
  'average-precision': averagePrecisionByGroup,
  'partial-labels': partialLabels,
  'top-one': topOne,
  'unseen-classes': unseenClasses,
};
