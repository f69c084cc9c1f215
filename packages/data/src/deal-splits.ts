import { checkCount, checkNumber, checkOptionNames, OptionError, RandomStreams } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import { stratifiedSplit } from './stratified-split.ts';
import { subsetOfLabels } from './subset.ts';

/**
 * Deals images to splits so that each class keeps its share in each: `stratifiedSplit`, one split after the other.
 *
 * @param shares by name, each in (0, 1), below 1 together
 * @param rest the name of the split that has what is left
 * @returns [N] the name of each image's split
 * @throws OptionError on shares
 */
export function dealSplits(
  labels: Labels,
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
  const random = new RandomStreams(seed).stream('splits');
  const names = new Array<string>(labels.rows).fill(rest);
  let left = Array.from(names.keys());
  let leftShare = 1;
  for (const [name, share] of Object.entries(shares)) {
    const { train, heldOut } = stratifiedSplit(subsetOfLabels(labels, left), { share: share / leftShare, random });
    for (const place of heldOut) names[left[place]] = name;
    left = Array.from(train, (place) => left[place]);
    leftShare -= share;
  }
  return names;
}

/**
 * Deals images to k folds of about the same size so that each class is spread evenly over them.
 *
 * @returns [N] the fold of each image, 0 … k − 1
 * @throws OptionError unless k is a whole number from 2
 */
export function dealFolds(labels: Labels, folds: number, seed = 0): Int32Array {
  checkCount('dealFolds', 'folds', folds, { min: 2 });
  const shares = Object.fromEntries(Array.from({ length: folds - 1 }, (_, i) => [`fold${i}`, 1 / folds]));
  const names = dealSplits(labels, shares, { rest: `fold${folds - 1}`, seed });
  return Int32Array.from(names, (name) => Number(name.slice('fold'.length)));
}
