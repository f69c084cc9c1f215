import { likeliest, type PredictedRow } from './rows.ts';

/** Lines for a terminal: the classes of a picture with the highest scores, and which of them are present. */
export function tableLines(row: PredictedRow, classes: readonly string[], top: number): string[] {
  const { path, scores, probabilities, labels } = row;
  const shown = likeliest(row, top);
  const width = shown.reduce((widest, c) => Math.max(widest, classes[c].length), 0);
  const present = new Set(labels);
  return [
    path,
    ...shown.map((c) => {
      const cells = [classes[c].padEnd(width), scores[c].toFixed(3)];
      if (probabilities) cells.push(`${(100 * probabilities[c]).toFixed(1)} %`.padStart(7));
      if (present.has(classes[c])) cells.push('present');
      return `  ${cells.join('  ')}`;
    }),
  ];
}
