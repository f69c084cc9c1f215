import { perClassReport, type Scores } from '@ltml/metrics';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { percent, textTable } from './text-table.ts';

/** With more classes than this, only the worst are listed. */
const mostRows = 100;
const shownOfMany = 20;

/**
 * A table of the classes: training images, group, positives among the scored images, average precision in percent. With
 * more than 100 classes it has only the 20 of the lowest average precision.
 */
export function formatClasses(
  scores: Scores,
  classes: readonly string[],
  classCounts: readonly number[],
  groups: FrequencyGroups,
): string[] {
  const all = perClassReport(scores, { classes, classCounts, groups, emptyClasses: 'skip' });
  const scored = all.filter(({ averagePrecision }) => !Number.isNaN(averagePrecision));
  const many = all.length > mostRows;
  const shown = many ? scored.sort((a, b) => a.averagePrecision - b.averagePrecision).slice(0, shownOfMany) : all;
  const rows = shown.map(({ name, trainCount, group, positives, averagePrecision }) => {
    return [name, String(Math.round(trainCount)), group, String(positives), percent(averagePrecision)];
  });
  return [
    ...textTable(['class', 'train', 'group', 'positives', 'AP %'], rows),
    ...(many ? [`the ${shown.length} of ${all.length} classes with the lowest AP`] : []),
  ];
}
