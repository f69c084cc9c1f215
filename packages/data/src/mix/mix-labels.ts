import type { ImageBatch } from './mix.ts';

/** What a mixed image is made of: a share of an image of the batch, and the rest of a partner. */
export interface Pair {
  /** Row of the partner, which may be the image itself. */
  readonly partner: number;
  /** λ of the image itself, in [0, 1]. */
  readonly share: number;
}

/**
 * Labels of mixed images, [B, C] each: λ·y + (1 − λ)·y′ of the image and its partner.
 *
 * A mixed label is known where both labels are, or where the unknown one has no share in it (λ = 1 or 0, or a partner that is
 * the image itself). Elsewhere it may be anything from λ·y to λ·y + 1 − λ, and the loss leaves it out. So of labels of which
 * a part p is known, about p² of the mixed ones are.
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
