import { dropLabels, keepSinglePositive, summarizeLabels } from '@ltml/data';
import { readDataSet } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { RandomStreams } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import { printLines } from '../terminal.ts';
import { dataTable } from './data-table.ts';

/** Options of `ltml data mask`. */
export interface MaskOptions {
  readonly out: string;
  readonly known?: number;
  readonly singlePositive?: boolean;
  readonly seed: number;
  readonly set: readonly string[];
}

/** Writes a table of the data in which some training labels are unknown. */
export async function maskData(recipe: string, { out, known, singlePositive, seed, set }: MaskOptions): Promise<void> {
  if ((known === undefined) === !singlePositive) throw new UsageError('data mask: give --known or --single-positive');
  if (known !== undefined && !(known >= 0 && known <= 1))
    throw new UsageError('--known: should be a share from 0 to 1');
  const dataSet = await readDataSet(recipe, set);
  const { train } = dataSet.splits;
  const labels =
    known === undefined
      ? keepSinglePositive(train.labels, new RandomStreams(seed).stream('mask'))
      : dropLabels(train.labels, known, { seed });
  const masked = { ...train, labels };
  await writeFileAtomically(out, [dataTable({ ...dataSet, splits: { ...dataSet.splits, train: masked } })]);
  const { positives, negatives } = summarizeLabels(labels);
  const count = [...positives, ...negatives].reduce((sum, images) => sum + images, 0);
  const share = labels.rows === 0 ? 0 : (100 * count) / (labels.rows * labels.columns);
  await printLines(`${out}: ${share.toFixed(1)} % of the training labels are known`);
}
