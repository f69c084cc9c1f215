import { checkCount, checkNumber, checkOptionNames, OptionError, RandomStreams } from '@ltml/tensor';
import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { iterativeStratification } from './iterative-stratification.ts';

/**
 * Assigns images to splits so that each class keeps its share in each split: `iterativeStratification` of the images in
 * random order. A class with a single image goes to the largest split.
 *
 * @param shares share of each split by name, each in (0, 1), with a sum below 1
 * @param options `rest`: name of the split that gets the remaining images
 * @returns [N] the name of each image's split
 * @throws OptionError on invalid shares
 */
export function dealSplits(
  labels: Labels | SparseLabels,
  shares: Readonly<Record<string, number>>,
  options: { readonly rest: string; readonly seed?: number },
): readonly string[] {
  const where = 'dealSplits';
  checkOptionNames(where, options, ['rest', 'seed']);
  const { rest, seed = 0 } = options;
  for (const [name, share] of Object.entries(shares))
    checkNumber(where, `shares.${name}`, share, { above: 0, below: 1 });
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (sum >= 1) throw new OptionError({ where, argument: 'shares', expected: 'below 1 in total', received: `${sum}` });
  const folds = dealInRandomOrder(where, labels, [1 - sum, ...Object.values(shares)], seed);
  const names = [rest, ...Object.keys(shares)];
  return Array.from(folds, (fold) => names[fold]);
}

/**
 * Assigns images to k folds of about the same size so that each class is spread evenly over them.
 *
 * @returns [N] the fold of each image, 0 … k − 1
 * @throws OptionError unless k is a whole number from 2
 */
export function dealFolds(labels: Labels | SparseLabels, folds: number, seed = 0): Int32Array {
  checkCount('dealFolds', 'folds', folds, { min: 2 });
  return dealInRandomOrder('dealFolds', labels, new Array<number>(folds).fill(1 / folds), seed);
}

/** The seed decides which images of a class go where, and which of equal candidates comes first. */
function dealInRandomOrder(
  where: string,
  given: Labels | SparseLabels,
  ratios: readonly number[],
  seed: number,
): Int32Array {
  const labels = labelRows(where, given);
  const random = new RandomStreams(seed).stream('splits');
  const order = Array.from(random.permutation(labels.rows));
  const dealt = iterativeStratification(
    order.map((image) => labels.row(image).present),
    labels.columns,
    { ratios, random },
  );
  const folds = new Int32Array(labels.rows);
  for (const [place, image] of order.entries()) folds[image] = dealt[place];
  return folds;
}
