import { digitsLt, digitsLtSingle, dropLabels, type ImageSource } from '@ltml/data';
import type { Labels } from '@ltml/tensor/labels';
import { z } from 'zod';
import { type PartKind, part, partKind } from './part.ts';

/** Labelled pictures. */
export interface ImageSet {
  readonly name: string;
  readonly classes: readonly string[];
  readonly labels: Labels;
  readonly images: ImageSource;
}

export interface ImageSplits {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

/** Training images that are held out to compare epochs by. */
export interface ValidationConfig {
  /** Of the training images, in (0, 1). */
  readonly share: number;
  readonly seed: number;
}

/** Null: nothing is held out. */
const validation = z
  .strictObject({ share: z.number().gt(0).lt(1).default(0.15), seed: z.int().nonnegative().default(0) })
  .nullable()
  .prefault({});

/** Share of the training labels that are known, and the seed of what is forgotten (see `dropLabels`). */
const knownLabels = z.strictObject({ proportion: z.number().min(0).max(1), seed: z.int().nonnegative().default(0) });

/** Data sets by name. */
export const datasets: PartKind<undefined, Promise<ImageSplits>> = partKind({
  'digits-lt': part(
    { seed: z.int().nonnegative().default(1), knownLabels: knownLabels.optional(), validation },
    async ({ seed, knownLabels: known }): Promise<ImageSplits> => {
      const { train, test } = await digitsLt({ seed });
      if (!known) return { train, test };
      const { name, classes, images } = train;
      const labels = dropLabels(train.labels, known.proportion, { seed: known.seed });
      return { train: { name, classes, labels, images }, test };
    },
  ),
  'digits-lt-single': part(
    { seed: z.int().nonnegative().default(1), validation },
    ({ seed }): Promise<ImageSplits> => digitsLtSingle({ seed }),
  ),
});
