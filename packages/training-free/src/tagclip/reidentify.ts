import { l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { runBlock } from '../clip/run-blocks.ts';
import { classTokenOf, embedImages, project } from '../clip/tokens.ts';
import type { ClipTower } from '../clip/tower.ts';
import { type Box, type BoxOptions, boxAround, type Grid } from './box-mask.ts';
import { scaleToOne } from './refine.ts';

/** Where a class is: its box, and which of the patches in it are the class's. */
interface Place {
  readonly box: Box;
  /** [R, Q] 1 or 0, of the whole image. */
  readonly mask: Uint8Array;
}

/**
 * Where a class is above half of its range; undefined where its box is empty.
 *
 * @param scores [R, Q] of the class, row by row
 */
export function placeOf(scores: Float64Array, grid: Grid, options: BoxOptions): Place | undefined {
  const mask = Uint8Array.from(scaleToOne(scores) ?? [], (value) => (value > 0.5 ? 1 : 0));
  const cells = Array.from(mask.keys()).filter((cell) => mask[cell] === 1);
  const box = boxAround(cells, grid, options);
  return box.r1 > box.r0 && box.q1 > box.q0 ? { box, mask } : undefined;
}

/**
 * The probabilities [K] of what is in a place of an image: its box cut out and resized to what the tower was trained on,
 * whose class token sees the patches of the place alone.
 *
 * @param image [1, H, W, 3]
 * @param text [K, D] of length 1
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

/** [1 + N, 1 + N] that keeps the class token from patches that are not seen, 1 in `seen` [N]. */
function biasOf(seen: Float32Array): tf.Tensor2D {
  const L = seen.length + 1;
  const bias = new Float32Array(L * L);
  for (let p = 1; p < L; p++) bias[p] = -1000 * (1 - seen[p - 1]);
  return tf.tensor2d(bias, [L, L]);
}
