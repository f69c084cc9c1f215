import type { StepReport } from './observer.ts';

/** Sums over the images of an epoch. Plain numbers, for checkpoints. */
export interface EpochTotals {
  readonly images: number;
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
}

export const emptyTotals: EpochTotals = { images: 0, loss: 0, terms: {} };

/** Adds a step. A mean loss is multiplied by the number of images; a sum is added as it is. */
export function addToTotals(
  totals: EpochTotals,
  { images, loss, terms }: Pick<StepReport, 'images' | 'loss' | 'terms'>,
  reduction: 'mean' | 'sum',
): EpochTotals {
  const weight = reduction === 'mean' ? images : 1;
  const added = Object.entries(terms).map(([name, value]) => [name, (totals.terms[name] ?? 0) + weight * value]);
  return {
    images: totals.images + images,
    loss: totals.loss + weight * loss,
    terms: { ...totals.terms, ...Object.fromEntries(added) },
  };
}

/** Means over the images of the epoch. */
export function epochMeans({ images, loss, terms }: EpochTotals): Pick<EpochTotals, 'loss' | 'terms'> {
  const means = Object.entries(terms).map(([name, sum]) => [name, sum / images]);
  return { loss: loss / images, terms: Object.fromEntries(means) };
}
