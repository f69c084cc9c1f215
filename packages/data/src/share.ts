import { checkCount } from '@ltml/tensor';

/** One of several ranks that share what is to be done. */
export interface Ranks {
  /** From 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
}

/** Some things in a row. */
export interface Rows {
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

/**
 * The share of a rank in so many images: all shares in order of rank are the whole, and their sizes differ by one at most.
 * With fewer images than ranks some have none; rank 0 has one unless there is none at all.
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
