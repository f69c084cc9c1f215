import { type Conv2d, checkShapes, OptionError, type Pair, ShapeError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { imageSides } from './check-sizes.ts';

/** Rows and columns of patches. A remainder of the image that fills no patch is left out. @throws OptionError */
export function patchGrid(where: string, imageSize: Pair, patchSize: number): [height: number, width: number] {
  const [height, width] = imageSides(where, imageSize);
  const grid: [number, number] = [Math.floor(height / patchSize), Math.floor(width / patchSize)];
  if (grid.every((count) => Number.isInteger(count) && count >= 1)) return grid;
  throw new OptionError({
    where,
    argument: 'imageSize',
    expected: `at least one patch of ${patchSize} high and wide`,
    received: `[${height}, ${width}]`,
  });
}

/**
 * Projects each patch of an image into a feature.
 *
 * @param images [B, H, W, 3]
 * @param projection a convolution whose stride equals its kernel
 * @param grid rows and columns for which there are positions
 * @returns [B, N, D], row by row
 * @throws ShapeError if the images have another number of patches
 */
export function embedPatches(
  where: string,
  images: tf.Tensor,
  projection: Conv2d,
  grid: readonly [number, number],
): tf.Tensor3D {
  checkShapes(where, { images: [images, 'B H W 3'] });
  const map = projection.forward(images);
  const [B, h, w, D] = map.shape;
  if (h === grid[0] && w === grid[1]) return tf.reshape(map, [B, h * w, D]);
  throw new ShapeError({
    where,
    argument: 'images',
    expected: `[B, H, W, 3] with ${grid[0]} × ${grid[1]} patches`,
    received: `[${images.shape.join(', ')}] with ${h} × ${w}`,
    hint: 'Build the network with this imageSize; loading weights then resizes its positions.',
  });
}

/** Puts tokens, each [1, n, D], before the tokens of each image: [B, N, D] → [B, n + … + N, D]. */
export function prependTokens(before: readonly tf.Tensor[], tokens: tf.Tensor3D): tf.Tensor3D {
  const [B] = tokens.shape;
  if (before.length === 0) return tf.clone(tokens);
  return tf.concat([...before.map((token) => tf.tile(token as tf.Tensor3D, [B, 1, 1])), tokens], 1);
}

/**
 * The output of a vision transformer. Axes: B images, N patches, row by row, D features.
 *
 * (A type, because `tf.tidy` does not accept an interface.)
 */
export type TokenOutput = {
  /** [B, P + N, D] P tokens (the class token first), then the patches. */
  readonly tokens: tf.Tensor3D;
  /** [B, D] the features of the whole image, usually the class token. */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
};

/** Splits tokens into the first one and the others. */
export function partTokens(tokens: tf.Tensor3D): TokenOutput {
  const [B, L, D] = tokens.shape;
  return {
    tokens,
    features: tf.reshape(tf.slice(tokens, [0, 0, 0], [B, 1, D]), [B, D]),
    patches: tf.slice(tokens, [0, 1, 0], [B, L - 1, D]),
  };
}
