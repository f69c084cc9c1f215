import { checkCount, checkNumber, checkOptionNames, OptionError, RandomStreams } from '@ltml/tensor';
import { type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { iterativeStratification } from './iterative-stratification.ts';

/**
 * Deals images to splits so that each class keeps its share in each: `iterativeStratification` of the images in random
 * order. A class of one image is dealt to the largest split.
 *
 * @param shares by name, each in (0, 1), below 1 together
 * @param rest the name of the split that has what is left
 * @returns [N] the name of each image's split
 * @throws OptionError on shares
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
  if (sum >= 1) throw new OptionError({ where, argument: 'shares', expected: 'below 1 together', received: `${sum}` });
  const folds = dealInRandomOrder(where, labels, [1 - sum, ...Object.values(shares)], seed);
  const names = [rest, ...Object.keys(shares)];
  return Array.from(folds, (fold) => names[fold]);
}

/**
 * Deals images to k folds of about the same size so that each class is spread evenly over them.
 *
 * @returns [N] the fold of each image, 0 … k − 1
 * @throws OptionError unless k is a whole number from 2
 */
export function dealFolds(labels: Labels | SparseLabels, folds: number, seed = 0): Int32Array {
  checkCount('dealFolds', 'folds', folds, { min: 2 });
  return dealInRandomOrder('dealFolds', labels, new Array<number>(folds).fill(1 / folds), seed);
}

/** Which images of a class go where, and what comes first of equals, is the seed's to say. */
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
