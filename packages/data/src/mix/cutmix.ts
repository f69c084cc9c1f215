import type { Box, Size } from '@ltml/images';
import type { RandomStream } from '@ltml/tensor';
import type { ImageBatch, Mix } from './mix.ts';
import { mixLabels, type Pair } from './mix-labels.ts';
import { checkMixOptions, type MixOptions } from './mix-options.ts';
import { symmetricBeta } from './symmetric-beta.ts';

/**
 * CutMix: in each image a box is replaced by the same box of another image of the batch. Labels are mixed by the share
 * of replaced pixels. A mixed label is known if both labels are known, or if the unknown one has share 0.
 *
 * With λ from Beta(α, α), the sides of the box are √(1 − λ) times those of the picture, around a uniform centre. The
 * part outside the picture is cut off, and λ becomes the share of the image's own pixels. Each image draws its own box
 * and its own partner, uniformly among all rows including itself. (The authors' code draws one box and one permutation
 * for a batch.)
 *
 * Source: Yun et al., ICCV 2019. `alpha` is 1 by default, as theirs. They mix every batch of ImageNet and half of the
 * batches of CIFAR.
 *
 * @throws OptionError
 */
export function cutmix(options: MixOptions = {}): Mix {
  const { alpha, probability } = checkMixOptions('cutmix', options, 1);
  return (batch, streamOf, values = new Float32Array(batch.values.length)) => {
    values.set(batch.values);
    const pairs = Array.from({ length: batch.rows }, (_, row): Pair => {
      const random = streamOf(row);
      if (random.uniform() >= probability) return { partner: row, share: 1 };
      const partner = random.integer(batch.rows);
      if (partner === row) return { partner, share: 1 };
      const box = cutBox(batch, symmetricBeta(alpha, random), random);
      paste(batch, values, { row, partner, box });
      const pasted = (box.bottom - box.top) * (box.right - box.left);
      return { partner, share: 1 - pasted / (batch.height * batch.width) };
    });
    return { ...batch, values, ...mixLabels(batch, pairs) };
  };
}

/** A box with area share 1 − λ around a uniform centre, limited to the picture. */
export function cutBox({ height, width }: Size, lambda: number, random: RandomStream): Box {
  const side = Math.sqrt(1 - lambda);
  const half = (length: number): number => Math.floor(Math.trunc(length * side) / 2);
  const [x, y] = [random.integer(width), random.integer(height)];
  return {
    left: Math.max(x - half(width), 0),
    top: Math.max(y - half(height), 0),
    right: Math.min(x + half(width), width),
    bottom: Math.min(y + half(height), height),
  };
}

/** Replaces a box of the image in a row of `to` by the partner's box. */
function paste(
  { height, width, values }: ImageBatch,
  to: Float32Array,
  { row, partner, box }: { readonly row: number; readonly partner: number; readonly box: Box },
): void {
  for (let y = box.top; y < box.bottom; y++) {
    const at = (image: number, x: number): number => ((image * height + y) * width + x) * 3;
    to.set(values.subarray(at(partner, box.left), at(partner, box.right)), at(row, box.left));
  }
}
