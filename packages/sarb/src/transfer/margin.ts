import { checkCount } from '@ltml/tensor';

/** The score above which an unknown class counts as present. It is the same for all classes. */
export type MarginConfig =
  /** Falls linearly from `start` to `end` over `epochs` epochs, and then stays constant. */
  | { readonly name: 'falling'; readonly start: number; readonly end: number; readonly epochs: number }
  /** Learned, one margin for `intra` and one for `inter`. `learningRate: null` means that of all other parameters. */
  | { readonly name: 'learned'; readonly start: number; readonly learningRate: number | null };

/**
 * The value of a falling margin in an epoch.
 *
 * @param epoch counted from 0
 * @param from the last epoch in which the margin is `start`
 * @throws OptionError
 *
 * Source: the released code of SST, in which it falls from 0.95 to 0.75 in steps of 0.025.
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
