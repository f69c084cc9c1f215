import type { Box, Size } from '@ltml/images';
import type { RandomStream } from '@ltml/tensor';
import type { ImageBatch, Mix } from './mix.ts';
import { mixLabels, type Pair } from './mix-labels.ts';
import { checkMixOptions, type MixOptions } from './mix-options.ts';
import { symmetricBeta } from './symmetric-beta.ts';

/**
 * CutMix: in each image a box is covered by the same box of another image of its batch; labels are mixed by the pixels that
 * were pasted. A mixed label is known where both labels are, or where the unknown one has no share in it.
 *
 * With λ from Beta(α, α), the box has sides of √(1 − λ) of the picture's, about a uniform centre; what lies outside is cut
 * off, and λ becomes the share of the pixels that are the image's own. Each image draws its own partner, all rows as
 * likely (itself too), and its own box. (The authors' code draws one box for a batch, and a permutation.)
 *
 * Source: Yun et al., ICCV 2019. `alpha` is 1 by default, as theirs; they mix every ImageNet batch and half of those of CIFAR.
 *
 * @throws OptionError
 */
export function cutmix(options: MixOptions = {}): Mix {
  const { alpha, probability } = checkMixOptions('cutmix', options, 1);
  return (batch, streamOf) => {
    const values = batch.values.slice();
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

/** The box of a share 1 − λ of the area about a uniform centre, as far as it lies in the picture. */
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

/** Covers a box of the image in a row, in `to`, by that of its partner. */
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
