import { checkCount, type RandomStream, type RandomStreams } from '@ltml/tensor';

/** Where each item of a batch draws from: the stream of the item in a row, or of a further view of it. */
export type ItemStreams = (row: number, view?: number) => RandomStream;

/**
 * Streams of items by their places in an epoch, `random.derive('augment', epoch, position, view)`: what an item draws does
 * not depend on its batch, nor on who reads it and when.
 *
 * @param epoch from 0
 * @param positionOf the place in the epoch of the item in a row; the row unless given
 * @throws OptionError
 */
export function itemStreams(
  random: RandomStreams,
  epoch: number,
  positionOf: (row: number) => number = (row) => row,
): ItemStreams {
  checkCount('itemStreams', 'epoch', epoch, { min: 0 });
  return (row, view = 0) => random.derive('augment', epoch, positionOf(row), view);
}
