import { l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { runBlock } from '../clip/run-blocks.ts';
import { classTokenOf, embedImages, project } from '../clip/tokens.ts';
import type { ClipTower } from '../clip/tower.ts';
import { type Box, type BoxOptions, boxAround, type Grid } from './box-mask.ts';
import { scaleToOne } from './refine.ts';

/** Where a class is in an image: its box, and its patches. */
interface Place {
  readonly box: Box;
  /** [R, Q] 1 for patches of the class, else 0; for the whole image. */
  readonly mask: Uint8Array;
}

/**
 * The place where the scores of a class are above half of their range; undefined if its box is empty.
 *
 * @param scores [R, Q] scores of the class, row-major
 */
export function placeOf(scores: Float64Array, grid: Grid, options: BoxOptions): Place | undefined {
  const mask = Uint8Array.from(scaleToOne(scores) ?? [], (value) => (value > 0.5 ? 1 : 0));
  const cells = Array.from(mask.keys()).filter((cell) => mask[cell] === 1);
  const box = boxAround(cells, grid, options);
  return box.r1 > box.r0 && box.q1 > box.q0 ? { box, mask } : undefined;
}

/**
 * The class probabilities [K] of a place in an image. Its box is cropped and resized to the tower's input size, and the
 * class token attends to the patches of the place only.
 *
 * @param image [1, H, W, 3]
 * @param text [K, D] unit vectors
 */
export function lookAtPlace(
  tower: ClipTower,
  image: tf.Tensor4D,
  { box, mask }: Place,
  { grid, text, scale }: { readonly grid: Grid; readonly text: tf.Tensor2D; readonly scale: number },
): tf.Tensor1D {
  return tf.tidy(() => {
    const [rows, columns] = tower.grid;
    const [height, width] = [image.shape[1] / grid[0], image.shape[2] / grid[1]];
    const [h, w] = [box.r1 - box.r0, box.q1 - box.q0];
    const start = [0, box.r0 * height, box.q0 * width, 0] as const;
    const crop = tf.slice(image, [...start], [1, h * height, w * width, 3]);
    const resized = tf.image.resizeBilinear(crop, [rows * height, columns * width], false, true);
    const seen = Float32Array.from({ length: rows * columns }, (_, p) => {
      const r = box.r0 + Math.floor((Math.floor(p / columns) * h) / rows);
      const q = box.q0 + Math.floor(((p % columns) * w) / columns);
      return mask[r * grid[1] + q];
    });
    const bias = biasOf(seen);
    const x = tower.transformer.resblocks.reduce(
      (tokens, block) => runBlock(block, tokens, { bias }).tokens,
      embedImages('lookAtPlace', tower, resized),
    );
    const whole = l2Normalize(project(tower, classTokenOf(x)));
    const cosines = tf.matMul(tf.reshape<tf.Rank.R2>(whole, [1, text.shape[1]]), text, false, true);
    return tf.reshape(tf.softmax(tf.mul(cosines, scale)), [text.shape[0]]);
  });
}

/** An attention bias [1 + N, 1 + N]: the class token attends only to patches that are 1 in `seen` [N]. */
function biasOf(seen: Float32Array): tf.Tensor2D {
  const L = seen.length + 1;
  const bias = new Float32Array(L * L);
  for (let p = 1; p < L; p++) bias[p] = -1000 * (1 - seen[p - 1]);
  return tf.tensor2d(bias, [L, L]);
}
