import { checkCount, type RandomStream, type RandomStreams } from '@ltml/tensor';

/** The random stream of each item of a batch, by its row; or of a further view of the item. */
export type ItemStreams = (row: number, view?: number) => RandomStream;

/**
 * Streams of items by their position in an epoch: `random.derive('augment', epoch, position, view)`. The random numbers
 * of an item depend neither on its batch nor on who reads it and when.
 *
 * @param epoch from 0
 * @param positionOf position in the epoch of the item in a row; default the row
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
