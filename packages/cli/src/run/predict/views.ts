import { enlargedPipeline, type Pipeline } from '@ltml/images';
import * as tf from '@tensorflow/tfjs-core';

/** How a picture is looked at: once, or several times with the mean of the scores. */
export type ViewsName = 'none' | 'flip' | 'five-crop' | 'scales';

/** Views of pictures, for test-time augmentation. */
export interface Views {
  /** What pictures go through before they are cut. */
  readonly pipeline: Pipeline;
  /** @param images [B, H', W', 3] as the pipeline gives them @returns views [B, H, W, 3] as the model takes them */
  cut(images: tf.Tensor4D): tf.Tensor4D[];
}

/** How much larger pictures are than what five crops are cut from them, and the largest of the scales. */
const [aroundCrops, largestScale] = [8 / 7, 1.25];

/**
 * - `flip`: the picture and its mirror image;
 * - `five-crop`: the corners and the middle of the picture, made 8/7 times as large;
 * - `scales`: the picture, and its middle made 1.125 and 1.25 times as large.
 *
 * @param pipeline of the model
 * @param size that it makes pictures
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

/** The middle of the picture, so much of it that it is `scale` times as large. */
function middle(images: tf.Tensor4D, height: number, width: number, scale: number): tf.Tensor4D {
  const [, wholeHeight, wholeWidth] = images.shape;
  const [rows, columns] = [Math.round(wholeHeight / scale), Math.round(wholeWidth / scale)];
  const [y, x] = [Math.floor((wholeHeight - rows) / 2), Math.floor((wholeWidth - columns) / 2)];
  const cut = tf.slice(images, [0, y, x, 0], [-1, rows, columns, -1]);
  return rows === height && columns === width ? cut : tf.image.resizeBilinear(cut, [height, width], false, true);
}
