import { checkCount } from '@ltml/tensor';

/** From which score on a class is taken for present: the same for all classes. */
export type MarginConfig =
  /** It falls from `start` to `end` by equal steps from epoch to epoch, and stays there. */
  | { readonly name: 'falling'; readonly start: number; readonly end: number; readonly epochs: number }
  /** It is learned, one for each way to find labels. `learningRate`: null for that of the rest. */
  | { readonly name: 'learned'; readonly start: number; readonly learningRate: number | null };

/**
 * A margin that falls, in an epoch from 0.
 *
 * @param from the epoch that it begins to fall after
 * @throws OptionError
 * Source: the released code of SST: from 0.95 by 0.025 down to 0.75.
 */
export function fallingMargin(
  epoch: number,
  from: number,
  { start, end, epochs }: Extract<MarginConfig, { name: 'falling' }>,
): number {
  checkCount('fallingMargin', 'epoch', epoch, { min: 0 });
  checkCount('fallingMargin', 'from', from, { min: 0 });
  checkCount('fallingMargin', 'margin.epochs', epochs);
  const done = Math.min(Math.max(epoch - from, 0), epochs);
  return start + ((end - start) * done) / epochs;
}
