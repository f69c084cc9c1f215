import {
  attention,
  avgPool2d,
  batchNormInference,
  batchNormTraining,
  conv2d,
  dropout,
  gelu,
  geluTanh,
  globalAveragePool,
  l2Normalize,
  layerNorm,
  linear,
  logSoftmax,
  maxPool2d,
  quickGelu,
  RandomStream,
  roiAlign,
  roiAlignMean,
  selfAttention,
  softmax,
  softmaxCrossEntropy,
  topK,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** A call of an op, by which the support matrix judges an engine. */
export interface OpCase {
  /** The row of the matrix: the op, and what of it. */
  readonly name: string;
  /** Shapes of the inputs, which are filled from a seed. */
  readonly shapes: readonly (readonly number[])[];
  /** How many inputs, the first ones, have the images along their first axis; default 1. */
  readonly batched?: number;
  /** Whether no images are refused. */
  readonly refusesNothing?: boolean;
  /** Whether the case computes with its input before the op sees it. */
  readonly ownInput?: boolean;
  /** The inputs are all differentiated. */
  run(...inputs: tf.Tensor[]): tf.Tensor;
}

const map = [2, 9, 8, 4];
const kernel = [3, 3, 4, 6];
const window = { kernel: 3, stride: 2, padding: 1 };

/** Two boxes for each image of a map. */
const regions = (x: tf.Tensor): tf.Tensor3D => {
  const boxes = [2, 3, 30, 17, 8, 8, 10, 9, 0, 0, 32, 36, 20, 1, 31, 30];
  return tf.tensor3d(boxes.slice(0, 8 * x.shape[0]), [x.shape[0], 2, 4]);
};

export const opCases: readonly OpCase[] = [
  { name: 'conv2d', shapes: [map, kernel], run: (x, f) => conv2d(x, f, { padding: 1 }) },
  { name: 'conv2d, stride', shapes: [map, kernel], run: (x, f) => conv2d(x, f, { stride: 2, padding: 1 }) },
  { name: 'conv2d, 1×1', shapes: [map, [1, 1, 4, 6]], run: (x, f) => conv2d(x, f, { stride: 2 }) },
  { name: 'conv2d, dilation', shapes: [map, kernel], run: (x, f) => conv2d(x, f, { dilation: 2, padding: 2 }) },
  {
    name: 'conv2d, dilation and stride',
    shapes: [map, kernel],
    run: (x, f) => conv2d(x, f, { dilation: 2, stride: 2, padding: 2 }),
  },
  { name: 'conv2d, groups', shapes: [map, [3, 3, 2, 6]], run: (x, f) => conv2d(x, f, { groups: 2, padding: 1 }) },
  {
    name: 'conv2d, depthwise',
    shapes: [map, [3, 3, 1, 4]],
    run: (x, f) => conv2d(x, f, { groups: 4, stride: 2, padding: 1 }),
  },
  { name: 'maxPool2d', shapes: [map], run: (x) => maxPool2d(x, window) },
  {
    name: 'maxPool2d, ties',
    shapes: [map],
    ownInput: true,
    run: (x) => maxPool2d(tf.relu(tf.cast(x, 'float32')), window),
  },
  { name: 'avgPool2d', shapes: [map], run: (x) => avgPool2d(x, window) },
  {
    name: 'avgPool2d, padding not counted',
    shapes: [map],
    run: (x) => avgPool2d(x, { ...window, countIncludePad: false }),
  },
  { name: 'globalAveragePool', shapes: [map], run: globalAveragePool },
  {
    name: 'batchNormTraining',
    shapes: [map, [4], [4]],
    refusesNothing: true,
    run: (x, g, b) => batchNormTraining(x, g, b).y,
  },
  {
    name: 'batchNormInference',
    shapes: [map, [4], [4]],
    run: (x, g, b) => batchNormInference(x, g, b, { mean: tf.fill([4], 0.5), variance: tf.fill([4], 2) }),
  },
  { name: 'layerNorm', shapes: [[3, 5, 8], [8], [8]], run: (x, g, b) => layerNorm(x, g, b) },
  { name: 'linear', shapes: [[3, 5, 8], [8, 6], [6]], run: (x, w, b) => linear(x, w, b) },
  {
    name: 'attention',
    shapes: [
      [2, 4, 6],
      [2, 5, 6],
      [2, 5, 6],
    ],
    batched: 3,
    run: (q, k, v) => attention(q, k, v, { heads: 3 }),
  },
  {
    name: 'attention, causal',
    shapes: [
      [2, 5, 6],
      [2, 5, 6],
      [2, 5, 6],
    ],
    batched: 3,
    run: (q, k, v) => attention(q, k, v, { heads: 2, causal: true }),
  },
  { name: 'selfAttention', shapes: [[2, 5, 18]], run: (joined) => selfAttention(joined, { heads: 3 }) },
  { name: 'gelu', shapes: [[5, 7]], run: gelu },
  { name: 'geluTanh', shapes: [[5, 7]], run: geluTanh },
  { name: 'quickGelu', shapes: [[5, 7]], run: quickGelu },
  { name: 'softmax', shapes: [[4, 3, 6]], run: softmax },
  { name: 'logSoftmax', shapes: [[4, 3, 6]], run: logSoftmax },
  {
    name: 'softmaxCrossEntropy',
    ownInput: true,
    shapes: [[4, 6]],
    run: (x) => {
      const classes = [0, 5, 2, 2].slice(0, x.shape[0]);
      const targets = tf.tensor2d(
        classes.flatMap((at) => Array.from({ length: 6 }, (_, c) => (c === at ? 1 : 0))),
        [classes.length, 6],
      );
      return softmaxCrossEntropy(x as tf.Tensor2D, targets);
    },
  },
  {
    name: 'roiAlign',
    ownInput: true,
    shapes: [map],
    run: (x) => roiAlign(x as tf.Tensor4D, regions(x), { scale: 1 / 4 }),
  },
  {
    name: 'roiAlignMean',
    ownInput: true,
    shapes: [map],
    run: (x) => roiAlignMean(x as tf.Tensor4D, regions(x), { scale: 1 / 4 }),
  },
  { name: 'l2Normalize', shapes: [[4, 3, 6]], run: (x) => l2Normalize(x) },
  { name: 'topK', shapes: [[4, 9]], run: (x) => topK(x, 3).values },
  { name: 'dropout', shapes: [[4, 9]], run: (x) => dropout(x, 0.4, new RandomStream(5)) },
];
