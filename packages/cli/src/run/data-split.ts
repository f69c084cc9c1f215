import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type DataSet, dealFolds, dealSplits, sparseLabels } from '@ltml/data';
import { tableSplits } from '@ltml/data/node';
import { readDataSet } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import { printLines } from '../terminal.ts';
import { dataTable, fileOf } from './data-table.ts';

/** Options of `ltml data split`. */
export interface SplitOptions {
  readonly out: string;
  readonly test: number;
  readonly validation: number;
  readonly folds?: number;
  readonly seed: number;
  readonly set: readonly string[];
}

/** Writes a table with a column `split`; with folds, one table for each fold. */
export async function splitData(recipe: string, options: SplitOptions): Promise<void> {
  const { out, test, validation, folds, seed, set } = options;
  const shares = Object.fromEntries(Object.entries({ test, validation }).filter(([, share]) => share !== 0));
  for (const [name, share] of Object.entries(shares)) {
    if (!(share > 0 && share < 1)) throw new UsageError(`--${name}: should be a share between 0 and 1`);
  }
  const hasShares = Object.keys(shares).length > 0;
  if (hasShares === (folds !== undefined))
    throw new UsageError('data split: give --test and/or --validation, or else --folds');
  if (test + validation >= 1) throw new UsageError('--test and --validation: should leave images for training');
  if (folds === 1) throw new UsageError('--folds: should be at least 2');
  const dataSet = await readDataSet(recipe, set);
  const files = filesOf(dataSet);
  const targets = folds === undefined ? [out] : Array.from({ length: folds }, (_, i) => foldFile(out, i));
  const before = await Promise.all(
    targets.map(async (path) => (existsSync(path) ? tableSplits(path) : new Map<string, string>())),
  );
  const fresh = Array.from(files.keys()).filter((i) => !before.every((known) => known.has(files[i])));
  const dealt = deal(dataSet, fresh, { shares, folds, seed });
  for (const [i, path] of targets.entries()) {
    const chosen = new Map(before[i]);
    for (const [place, image] of fresh.entries()) chosen.set(files[image], dealt(place, i));
    await writeFileAtomically(path, [inOneTable(dataSet, chosen)]);
    await printLines(
      `${path}: ${summaryOf(files, chosen)}${fresh.length < files.length ? `, ${fresh.length} of them new` : ''}`,
    );
  }
}

/** How images are divided: by shares, or into folds. */
interface Deal {
  readonly shares: Readonly<Record<string, number>>;
  readonly folds: number | undefined;
  readonly seed: number;
}

/** Divides the new images. @returns the split of the image `fresh[place]` in the table with the number `target` */
function deal(
  dataSet: DataSet,
  fresh: readonly number[],
  { shares, folds, seed }: Deal,
): (place: number, target: number) => string {
  const rows = Object.values(dataSet.splits).flatMap((part) =>
    part ? Array.from({ length: part.labels.rows }, (_, i) => part.labels.row(i)) : [],
  );
  const labels = sparseLabels(
    fresh.map((i) => rows[i]),
    dataSet.classes.length,
  );
  if (folds === undefined) {
    const names = dealSplits(labels, shares, { rest: 'train', seed });
    return (place) => names[place];
  }
  const fold = dealFolds(labels, folds, seed);
  return (place, target) => (fold[place] === target ? 'validation' : 'train');
}

function filesOf({ splits }: DataSet): readonly string[] {
  return Object.values(splits).flatMap((part) =>
    part ? Array.from({ length: part.labels.rows }, (_, i) => fileOf(part, i)) : [],
  );
}

/** The table of all images, with the chosen splits instead of their own. */
function inOneTable(dataSet: DataSet, chosen: ReadonlyMap<string, string>): string {
  return dataTable(dataSet, { splitOf: (file, split) => chosen.get(file) ?? split });
}

/** `fold.csv` becomes `fold-1.csv` and so on. */
function foldFile(out: string, fold: number): string {
  const ending = extname(out);
  return join(dirname(out), `${basename(out, ending)}-${fold + 1}${ending}`);
}

function summaryOf(files: readonly string[], chosen: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(chosen.get(file) as string, (counts.get(chosen.get(file) as string) ?? 0) + 1);
  return [...counts].map(([split, count]) => `${count} ${split}`).join(', ');
}
