import type { ImageBatch } from './mix.ts';

/** A mixed image: a share of one image of the batch, and the rest from its partner. */
export interface Pair {
  /** Row of the partner; it may be the image itself. */
  readonly partner: number;
  /** λ, the share of the image itself, in [0, 1]. */
  readonly share: number;
}

/**
 * Labels of mixed images, [B, C]: λ·y + (1 − λ)·y′ of the image and its partner.
 *
 * A mixed label is known if both labels are known, or if the unknown one has share 0 (λ is 1 or 0, or the partner is
 * the image itself). Otherwise it could be anything from λ·y to λ·y + 1 − λ, and the loss ignores it. So if a share p
 * of the labels is known, about p² of the mixed labels are.
 */
export function mixLabels(
  { rows, columns, labels, known }: Pick<ImageBatch, 'rows' | 'columns' | 'labels' | 'known'>,
  pairs: readonly Pair[],
): Pick<ImageBatch, 'labels' | 'known'> {
  const mixed = { labels: new Float32Array(rows * columns), known: new Float32Array(rows * columns) };
  for (const [row, { partner, share }] of pairs.entries()) {
    for (let c = 0; c < columns; c++) {
      const [to, own, other] = [row * columns + c, row * columns + c, partner * columns + c];
      const isKnown = (share === 0 || known[own] === 1) && (share === 1 || known[other] === 1);
      if (!isKnown) continue;
      mixed.known[to] = 1;
      mixed.labels[to] = share * labels[own] + (1 - share) * labels[other];
    }
  }
  return mixed;
}
