import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkNumber, checkOptionNames } from '../check-options.ts';
import { ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';
import { emptyOf } from './empty.ts';

/** Options of {@link roiAlign}. */
export interface RoiAlignOptions {
  /**
   * Cells of the feature map per unit of the boxes, e.g. 1 / 32 for pixels if the network reduces an image 32 times.
   */
  readonly scale: number;
  /** Number of bins along each side of a box; default 2. */
  readonly bins?: number;
}

/**
 * RoI Align: the features of boxes. Each box is divided into bins × bins. A bin is the mean of samples of the feature
 * map, about one per cell, interpolated linearly between cells.
 *
 * It has no half-cell shift and takes as many samples as the box needs, like torchvision's `roi_align` with
 * `aligned=False, sampling_ratio=-1`. Boxes smaller than a cell count as one cell wide. The gradient flows only to the
 * feature map.
 *
 * Edge cases: no images or no boxes give an empty tensor. Samples more than a cell outside the map are 0; those closer
 * take the border's value. A box more than twice as long as the map gets as many samples as one of twice its length.
 * @param featureMap [B, H, W, D]
 * @param boxes [B, L, 4] left, top, right, bottom
 * @returns [B, L, bins, bins, D], rows first
 * @throws ShapeError, OptionError
 * Source: He et al., Mask R-CNN, 2017, section 3.
 */
export function roiAlign(featureMap: tf.Tensor4D, boxes: tf.Tensor3D, options: RoiAlignOptions): tf.Tensor5D {
  const { B, L, D, scale, bins } = readArguments('roiAlign', featureMap, boxes, options);
  if (B * L * D === 0) return emptyOf(featureMap, [B, L, bins, bins, D]);
  return tf.tidy(() => {
    const [rows, columns] = axisWeights(featureMap, boxes, scale, bins);
    const weights = outer(rows, columns, [B, L * bins * bins]);
    return tf.reshape(weigh(asFloat(featureMap), weights), [B, L, bins, bins, D]);
  });
}

/**
 * The mean of {@link roiAlign} over its bins, [B, L, D], without making the bins.
 *
 * Source: the released code of DSCL (AAAI 2024), which pools the regions of its teacher in this way.
 */
export function roiAlignMean(featureMap: tf.Tensor4D, boxes: tf.Tensor3D, options: RoiAlignOptions): tf.Tensor3D {
  const { B, L, D, scale, bins } = readArguments('roiAlignMean', featureMap, boxes, options);
  if (B * L * D === 0) return emptyOf(featureMap, [B, L, D]);
  return tf.tidy(() => {
    const [rows, columns] = axisWeights(featureMap, boxes, scale, bins).map((weights) => tf.mean(weights, 1, true));
    return weigh(asFloat(featureMap), outer(rows, columns, [B, L]));
  });
}

function readArguments(where: string, featureMap: tf.Tensor4D, boxes: tf.Tensor3D, options: RoiAlignOptions) {
  checkOptionNames(where, options, ['scale', 'bins']);
  const { scale, bins = 2 } = options;
  const sizes = checkShapes(where, { featureMap: [featureMap, 'B H W D'], boxes: [boxes, 'B L 4'] });
  checkNumber(where, 'options.scale', scale, { above: 0 });
  checkCount(where, 'options.bins', bins);
  if (sizes.H * sizes.W === 0) {
    throw new ShapeError({
      where,
      argument: 'featureMap',
      expected: '[B, H, W, D] with at least one cell',
      received: `[${featureMap.shape.join(', ')}]`,
    });
  }
  return { ...sizes, scale, bins };
}

/** The share of each row and of each column of the map in each bin: [B·L, bins, H] and [B·L, bins, W]. */
function axisWeights({ shape }: tf.Tensor4D, boxes: tf.Tensor3D, scale: number, bins: number): tf.Tensor3D[] {
  return tf.tidy(() => {
    const [left, top, right, bottom] = tf.split(tf.mul(tf.reshape(asFloat(boxes), [-1, 4]), scale), 4, 1);
    return [sampleAxis(top, bottom, shape[1], bins), sampleAxis(left, right, shape[2], bins)];
  });
}

/** Along one axis: the share of each cell in a bin, as the mean over the bin's samples. */
function sampleAxis(from: tf.Tensor, to: tf.Tensor, cells: number, bins: number): tf.Tensor3D {
  const length = tf.maximum(tf.sub(to, from), 1);
  const most = Math.ceil((2 * cells) / bins);
  const samples = tf.minimum(tf.ceil(tf.div(length, bins)), most);
  const bin = tf.div(length, bins);
  // [R, bins, samples]: only as many samples count as the box needs.
  const row = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, 1, 1]);
  const place = tf.div(tf.add(tf.range(0, most), 0.5), row(samples));
  const bases = tf.add(row(from), tf.mul(row(bin), tf.reshape(tf.range(0, bins), [1, bins, 1])));
  const at = tf.add(bases, tf.mul(place, row(bin)));
  const inside = tf.logicalAnd(tf.greaterEqual(at, -1), tf.lessEqual(at, cells));
  const counted = tf.logicalAnd(inside, tf.less(place, 1));
  const share = tf.div(tf.cast(counted, 'float32'), row(samples));
  const distance = tf.abs(tf.sub(tf.expandDims(tf.clipByValue(at, 0, cells - 1), 3), tf.range(0, cells)));
  return tf.sum(tf.mul(tf.relu(tf.sub(1, distance)), tf.expandDims(share, 3)), 2);
}

/** Outer products of row and column weights, [B, boxes and bins, H·W]. */
function outer(rows: tf.Tensor, columns: tf.Tensor, [B, R]: readonly [number, number]): tf.Tensor3D {
  return tf.tidy(() => {
    const [bins, H] = rows.shape.slice(1);
    const W = columns.shape[2] as number;
    const products = tf.mul(tf.reshape(rows, [-1, bins, 1, H, 1]), tf.reshape(columns, [-1, 1, bins, 1, W]));
    return tf.reshape(products, [B, R, H * W]);
  });
}

/** Weighted sums of the map's cells, [B, R, D]; the weights are constants. */
function weigh(featureMap: tf.Tensor4D, weights: tf.Tensor3D): tf.Tensor3D {
  const [B, H, W, D] = featureMap.shape;
  return customGradient(
    [featureMap],
    () => ({
      value: tf.matMul<tf.Tensor3D>(weights, tf.reshape(featureMap, [B, H * W, D])),
      saved: [weights],
    }),
    (dy, [weights]) => [tf.reshape(tf.matMul(weights, dy, true, false), [B, H, W, D])],
  );
}
