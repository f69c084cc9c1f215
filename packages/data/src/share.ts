import { checkCount } from '@ltml/tensor';

/** One of several ranks that divide a task. */
export interface Ranks {
  /** Number of this rank, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
}

/** A range of consecutive rows. */
export interface Rows {
  readonly start: number;
  /** One past the last row. */
  readonly end: number;
}

/**
 * The share of a rank in a number of images. The shares of all ranks, in order, cover everything, and their sizes
 * differ by at most one. With fewer images than ranks some ranks have none; rank 0 has one unless there are no images.
 *
 * @throws OptionError
 */
export function shareOf(images: number, { rank, size }: Ranks): Rows {
  checkCount('shareOf', 'images', images, { min: 0 });
  checkCount('shareOf', 'size', size);
  checkCount('shareOf', 'rank', rank, { min: 0, max: size - 1 });
  const before = (ranks: number): number => Math.ceil((images * ranks) / size);
  return { start: before(rank), end: before(rank + 1) };
}
