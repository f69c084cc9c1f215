import { checkCount, checkFlag, checkOptionNames, checkShapes, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type BoxOptions, boxMask, type Grid } from './box-mask.ts';

/** Options of {@link refinePatches}. */
export interface RefineOptions extends BoxOptions {
  /** An attention weight counts if it is above the mean in at least this many blocks. Default 4. */
  readonly votes?: number;
  /** First and last block, counted from 0, whose attention is averaged. Default [8, 10]; for COCO-Stuff [0, 10]. */
  readonly layers?: readonly [number, number];
}

/**
 * Result of {@link refinePatches}. Axes: N patches, K classes and background. (A type, not an interface, because
 * `tf.tidy` does not accept an interface.)
 */
export type Refined = {
  /** [N, N] attention weights between patches. */
  readonly attention: tf.Tensor2D;
  /** [N, K] scores after this attention. */
  readonly attended: tf.Tensor2D;
  /** [N, K] scores after this attention, restricted to the boxes of each class. */
  readonly refined: tf.Tensor2D;
};

/**
 * Refines the scores of patches with attention, in two steps. First each patch averages the scores of the patches that
 * several blocks attend to. Then each class repeats this with only the patches in the boxes where its score is high.
 *
 * Edge case: a class with equal scores everywhere does not change.
 *
 * It reads tensors synchronously, so it does not run on WebGPU.
 *
 * @param maps [N, N] attention of each block
 * @param coarse [N, K] probabilities
 * @throws ShapeError, OptionError
 *
 * Source: TagCLIP, AAAI 2024, released code.
 */
export function refinePatches(
  maps: readonly tf.Tensor2D[],
  coarse: tf.Tensor2D,
  grid: Grid,
  options: RefineOptions = {},
): Refined {
  const where = 'refinePatches';
  checkOptionNames(where, options, ['votes', 'layers', 'fullBoxes']);
  const { votes = 4, layers = [8, 10], fullBoxes = false } = options;
  checkCount(where, 'options.votes', votes);
  checkFlag(where, 'options.fullBoxes', fullBoxes);
  const [first, last]: readonly number[] = Array.isArray(layers) ? layers : [];
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < maps.length)) {
    const expected = `two ascending indices of the ${maps.length} maps`;
    throw new OptionError({ where, argument: 'options.layers', expected, received: `[${first}, ${last}]` });
  }
  const { N, K } = checkShapes(where, {
    coarse: [coarse, 'N K'],
    grid: [{ shape: [grid[0] * grid[1]] }, 'N'],
    ...Object.fromEntries(maps.map((map, i) => [`maps[${i}]`, [map, 'N N'] as const])),
  });
  return tf.tidy(() => {
    const above = maps.map((map) => tf.cast(tf.greater(map, tf.mean(map)), 'float32'));
    const agreed = tf.cast(tf.greaterEqual(tf.addN(above), votes), 'float32');
    const mean = tf.div(tf.addN(maps.slice(first, last + 1)), last - first + 1);
    const attention = tf.mul<tf.Tensor2D>(mean, agreed);
    const attended: tf.Tensor2D = tf.matMul(attention, coarse);
    const boxes = tf.tensor2d(boxesOf(attended.dataSync(), K, grid, fullBoxes), [N, K]);
    return { attention, attended, refined: tf.matMul(attention, tf.mul<tf.Tensor2D>(coarse, boxes)) };
  });
}

/** [N, K] 1 inside the boxes of each class, else 0. */
function boxesOf(scores: ArrayLike<number>, K: number, grid: Grid, fullBoxes: boolean): Float32Array {
  const N = scores.length / K;
  const boxes = new Float32Array(scores.length).fill(1);
  for (let c = 0; c < K; c++) {
    const map = scaleToOne(Float64Array.from({ length: N }, (_, p) => scores[p * K + c]));
    if (!map) continue;
    const mean = map.reduce((sum, value) => sum + value, 0) / N;
    const mask = boxMask(map, grid, mean, { fullBoxes });
    for (let p = 0; p < N; p++) boxes[p * K + c] = mask[p];
  }
  return boxes;
}

/** Values scaled linearly to [0, 1]; undefined if all are equal or none is above 0. */
export function scaleToOne(values: Float64Array): Float64Array | undefined {
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return most > 0 && most > least ? values.map((value) => (value - least) / (most - least)) : undefined;
}
