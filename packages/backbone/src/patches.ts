import { type Conv2d, checkShapes, OptionError, type Pair, ShapeError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { imageSides } from './check-sizes.ts';

/** Rows and columns of patches; a rest of the image that fills no patch is left out. */
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
 * Projects each patch of an image.
 *
 * @param images [B, H, W, 3]
 * @param projection a convolution whose stride is its kernel
 * @param grid patches there are positions for
 * @returns [B, N, D], row by row
 * @throws ShapeError if the images have more or fewer patches
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
    hint: 'Make the network with this imageSize; its positions are then resized when weights are loaded.',
  });
}

/** Puts tokens, each [1, n, D], before those of each image: [B, N, D] → [B, n + … + N, D]. */
export function prependTokens(before: readonly tf.Tensor[], tokens: tf.Tensor3D): tf.Tensor3D {
  const [B] = tokens.shape;
  if (before.length === 0) return tf.clone(tokens);
  return tf.concat([...before.map((token) => tf.tile(token as tf.Tensor3D, [B, 1, 1])), tokens], 1);
}

/**
 * What a vision transformer makes of images. Axes: B images, N patches, row by row, D features.
 *
 * (A type, not an interface, which `tf.tidy` would not take.)
 */
export type TokenOutput = {
  /** [B, P + N, D] the P tokens before the patches, the class token first, and the patches. */
  readonly tokens: tf.Tensor3D;
  /** [B, D] what the image is taken for as a whole: mostly the class token. */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
};

/** Parts tokens into the first and the others. */
export function partTokens(tokens: tf.Tensor3D): TokenOutput {
  const [B, L, D] = tokens.shape;
  return {
    tokens,
    features: tf.reshape(tf.slice(tokens, [0, 0, 0], [B, 1, D]), [B, D]),
    patches: tf.slice(tokens, [0, 1, 0], [B, L - 1, D]),
  };
}
