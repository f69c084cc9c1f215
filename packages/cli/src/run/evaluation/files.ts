import { join } from 'node:path';
import type { EvaluationReport } from '@ltml/recipes/node';
import { writeFileAtomically } from '@ltml/tensor/node';
import { stringify } from 'csv-stringify/sync';

/** Writes the tables of a report as CSV: `per-class.csv` and `confusions.csv`. Rates are fractions from 0 to 1. */
export async function writeTables(folder: string, { perClass, confusions }: EvaluationReport): Promise<void> {
  await writeTable(
    join(folder, 'per-class.csv'),
    ['class', 'group', 'training images', 'positives', 'AP', 'threshold', 'precision', 'recall', 'F1'],
    perClass.map(({ name, group, trainCount, support, averagePrecision, ...row }) => [
      ...[name, group, trainCount, support, Number.isNaN(averagePrecision) ? null : averagePrecision],
      ...[row.threshold, row.precision, row.recall, row.f1],
    ]),
  );
  await writeTable(
    join(folder, 'confusions.csv'),
    ['missed', 'predicted', 'images'],
    confusions.map(({ missed, predicted, images }) => [perClass[missed].name, perClass[predicted].name, images]),
  );
}

/** Writes a CSV for spreadsheets: a name that looks like a formula is marked as text. */
function writeTable(path: string, head: string[], rows: (string | number | null)[][]): Promise<void> {
  return writeFileAtomically(path, [stringify([head, ...rows], { escape_formulas: true })]);
}
