import { denseLabels, dropLabels, keepSinglePositive } from '@ltml/data';
import { readDataSet } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { RandomStreams } from '@ltml/tensor';
import { sparseOf } from '@ltml/tensor/labels';
import { writeFileAtomically } from '@ltml/tensor/node';
import { printLines } from '../terminal.ts';
import { dataTable } from './data-table.ts';

export interface MaskOptions {
  readonly out: string;
  readonly known?: number;
  readonly singlePositive?: boolean;
  readonly seed: number;
  readonly set: readonly string[];
}

/** Writes a table of the data in which training labels are forgotten. */
export async function maskData(recipe: string, { out, known, singlePositive, seed, set }: MaskOptions): Promise<void> {
  if ((known === undefined) === !singlePositive) throw new UsageError('data mask: give --known or --single-positive');
  if (known !== undefined && !(known >= 0 && known <= 1))
    throw new UsageError('--known: should be a share from 0 to 1');
  const dataSet = await readDataSet(recipe, set);
  const { train } = dataSet.splits;
  const whole = denseLabels(train.labels);
  const kept =
    known === undefined
      ? keepSinglePositive(whole, new RandomStreams(seed).stream('mask'))
      : dropLabels(whole, known, { seed });
  const masked = { ...train, labels: sparseOf(kept) };
  await writeFileAtomically(out, [dataTable({ ...dataSet, splits: { ...dataSet.splits, train: masked } })]);
  const count = kept.known?.reduce((sum, mark) => sum + mark, 0) ?? kept.present.length;
  const share = kept.present.length === 0 ? 0 : (100 * count) / kept.present.length;
  await printLines(`${out}: ${share.toFixed(1)} % of the training labels are known`);
}
