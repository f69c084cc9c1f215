import { type ClassReport, perClassReport, type Scores } from '@ltml/metrics';

/** More classes than this are not listed one by one. */
const mostRows = 100;
const shownOfMany = 20;

/**
 * A table of the classes: training images, group, positives among the scored images, average precision in percent. Of more
 * than 100 classes only those that are worst are shown.
 */
export function formatClasses(scores: Scores, classes: readonly string[], classCounts: readonly number[]): string[] {
  const all = perClassReport(scores, { classes, classCounts, emptyClasses: 'skip' });
  const scored = all.filter(({ averagePrecision }) => !Number.isNaN(averagePrecision));
  const many = all.length > mostRows;
  const shown = many ? scored.sort((a, b) => a.averagePrecision - b.averagePrecision).slice(0, shownOfMany) : all;
  const width = shown.reduce((widest, { name }) => Math.max(widest, name.length), 5);
  return [
    `${'class'.padEnd(width)}  ${'train'.padStart(7)}  group   ${'positives'.padStart(9)}  ${'AP %'.padStart(6)}`,
    ...shown.map((row) => formatRow(row, width)),
    ...(many ? [`the ${shown.length} of ${all.length} classes with the lowest AP`] : []),
  ];
}

function formatRow({ name, trainCount, group, positives, averagePrecision }: ClassReport, width: number): string {
  const percent = Number.isNaN(averagePrecision) ? '–' : (100 * averagePrecision).toFixed(2);
  const count = String(Math.round(trainCount)).padStart(7);
  return `${name.padEnd(width)}  ${count}  ${group.padEnd(6)}  ${String(positives).padStart(9)}  ${percent.padStart(6)}`;
}
