import { enlargedPipeline, type Pipeline } from '@ltml/images';
import * as tf from '@tensorflow/tfjs-core';

/** How a picture is scored: once, or in several views whose scores are averaged. */
export type ViewsName = 'none' | 'flip' | 'five-crop' | 'scales';

/** Views of pictures, for test-time augmentation. */
export interface Views {
  /** Pipeline that a picture passes before the views are cut. */
  readonly pipeline: Pipeline;
  /** @param images [B, H', W', 3] from the pipeline @returns views, each [B, H, W, 3] */
  cut(images: tf.Tensor4D): tf.Tensor4D[];
}

/** How much larger pictures are made: for five crops, and for the largest scale. */
const [aroundCrops, largestScale] = [8 / 7, 1.25];

/**
 * Views for test-time augmentation:
 *
 * - `none`: the picture;
 * - `flip`: the picture and its mirror image;
 * - `five-crop`: the corners and the centre of the picture enlarged by 8/7;
 * - `scales`: the picture, and its centre enlarged by 1.125 and by 1.25.
 *
 * @param pipeline of the model
 * @param size of the pictures that the pipeline gives, in pixels
 */
export function viewsOf(
  name: ViewsName,
  pipeline: Pipeline,
  [height, width]: readonly [height: number, width: number],
): Views {
  switch (name) {
    case 'none':
      return { pipeline, cut: (images) => [images] };
    case 'flip':
      return { pipeline, cut: (images) => [images, tf.reverse(images, 2)] };
    case 'five-crop':
      return { pipeline: enlargedPipeline(pipeline, aroundCrops), cut: (images) => fiveCrops(images, height, width) };
    case 'scales':
      return {
        pipeline: enlargedPipeline(pipeline, largestScale),
        cut: (images) => [1, 1.125, largestScale].map((scale) => middle(images, height, width, scale)),
      };
  }
}

function fiveCrops(images: tf.Tensor4D, height: number, width: number): tf.Tensor4D[] {
  const [down, right] = [images.shape[1] - height, images.shape[2] - width];
  const corners = [
    [0, 0],
    [0, right],
    [down, 0],
    [down, right],
    [Math.floor(down / 2), Math.floor(right / 2)],
  ];
  return corners.map(([y, x]) => tf.slice(images, [0, y, x, 0], [-1, height, width, -1]));
}

/** The centre of the pictures, so cut that resizing it to the input size enlarges it by `scale`. */
function middle(images: tf.Tensor4D, height: number, width: number, scale: number): tf.Tensor4D {
  const [, wholeHeight, wholeWidth] = images.shape;
  const [rows, columns] = [Math.round(wholeHeight / scale), Math.round(wholeWidth / scale)];
  const [y, x] = [Math.floor((wholeHeight - rows) / 2), Math.floor((wholeWidth - columns) / 2)];
  const cut = tf.slice(images, [0, y, x, 0], [-1, rows, columns, -1]);
  return rows === height && columns === width ? cut : tf.image.resizeBilinear(cut, [height, width], false, true);
}
