import {
  avgPool2d,
  batchNormInference,
  batchNormTraining,
  conv2d,
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
  softmax,
  topK,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** An op with inputs of the given shapes, all to be computed alike on every engine, with its gradients. */
interface OpCase {
  readonly shapes: readonly (readonly number[])[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** Uniform bounds of the inputs; default −2, 2. */
  readonly range?: readonly [number, number];
}

const elementwise = (run: (x: tf.Tensor) => tf.Tensor, range?: [number, number]): OpCase => ({
  shapes: [[3, 5]],
  run,
  ...(range ? { range } : {}),
});
const pair = (run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, range?: [number, number]): OpCase => ({
  shapes: [
    [3, 5],
    [1, 5],
  ],
  run: run as OpCase['run'],
  ...(range ? { range } : {}),
});

const image = [2, 9, 9, 4];
const positive: [number, number] = [0.5, 2];

/** The ops of this package, and those of TensorFlow.js that our packages call, in the shapes that they call them with. */
export const opCases: Readonly<Record<string, OpCase>> = {
  'conv2d 3×3': { shapes: [image, [3, 3, 4, 6]], run: (x, w) => conv2d(x, w, { padding: 1 }) },
  'conv2d 3×3 stride 2': { shapes: [image, [3, 3, 4, 6]], run: (x, w) => conv2d(x, w, { stride: 2, padding: 1 }) },
  'conv2d 1×1 stride 2': { shapes: [image, [1, 1, 4, 6]], run: (x, w) => conv2d(x, w, { stride: 2 }) },
  'conv2d 7×7 stem': {
    shapes: [
      [1, 16, 16, 3],
      [7, 7, 3, 4],
    ],
    run: (x, w) => conv2d(x, w, { stride: 2, padding: 3 }),
  },
  'conv2d in groups': { shapes: [image, [3, 3, 2, 6]], run: (x, w) => conv2d(x, w, { padding: 1, groups: 2 }) },
  'conv2d dilated': { shapes: [image, [3, 3, 4, 2]], run: (x, w) => conv2d(x, w, { padding: 2, dilation: 2 }) },
  'maxPool2d 3×3 stride 2': {
    shapes: [image],
    run: (x) => maxPool2d(tf.relu(x), { kernel: 3, stride: 2, padding: 1 }),
  },
  'maxPool2d 2×2': { shapes: [image], run: (x) => maxPool2d(x, { kernel: 2 }) },
  'avgPool2d 3×3 padded': { shapes: [image], run: (x) => avgPool2d(x, { kernel: 3, stride: 2, padding: 1 }) },
  globalAveragePool: { shapes: [image], run: (x) => globalAveragePool(x) },
  batchNormTraining: { shapes: [image, [4], [4]], run: (x, g, b) => batchNormTraining(x, g, b).y },
  batchNormInference: {
    shapes: [image, [4], [4], [4], [4]],
    run: (x, mean, variance, g, b) => batchNormInference(x, mean, tf.square(variance), g, b),
  },
  layerNorm: { shapes: [[2, 3, 8], [8], [8]], run: (x, g, b) => layerNorm(x, g, b) },
  linear: { shapes: [[4, 8], [6, 8], [6]], run: (x, w, b) => linear(x, w, b) },
  gelu: elementwise(gelu),
  geluTanh: elementwise(geluTanh),
  quickGelu: elementwise(quickGelu),
  l2Normalize: elementwise((x) => l2Normalize(x)),
  softmax: elementwise(softmax),
  logSoftmax: elementwise(logSoftmax),
  topK: elementwise((x) => topK(x, 2).values),
  matMul: {
    shapes: [
      [3, 5],
      [5, 4],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  'matMul in batches, transposed': {
    shapes: [
      [2, 3, 7, 8],
      [2, 3, 5, 8],
    ],
    run: (a, b) => tf.matMul(a, b, false, true),
  },
  add: pair(tf.add),
  sub: pair(tf.sub),
  mul: pair(tf.mul),
  div: pair(tf.div, positive),
  maximum: pair(tf.maximum),
  minimum: pair(tf.minimum),
  where: pair((a, b) => tf.where(tf.greater(a, 0), a, tf.add(tf.zerosLike(a), b))),
  exp: elementwise(tf.exp),
  expm1: elementwise(tf.expm1),
  log: elementwise(tf.log, positive),
  log1p: elementwise(tf.log1p, positive),
  sqrt: elementwise(tf.sqrt, positive),
  rsqrt: elementwise(tf.rsqrt, positive),
  reciprocal: elementwise(tf.reciprocal, positive),
  square: elementwise(tf.square),
  abs: elementwise(tf.abs),
  neg: elementwise(tf.neg),
  sigmoid: elementwise(tf.sigmoid),
  softplus: elementwise(tf.softplus),
  tanh: elementwise(tf.tanh),
  relu: elementwise(tf.relu),
  leakyRelu: elementwise((x) => tf.leakyRelu(x, 0.1)),
  clipByValue: elementwise((x) => tf.clipByValue(x, -1, 1)),
  pow: elementwise((x) => tf.pow(x, 3), positive),
  sum: elementwise((x) => tf.sum(x, 0)),
  mean: elementwise((x) => tf.mean(x, -1, true)),
  max: elementwise((x) => tf.max(x, -1)),
  min: elementwise((x) => tf.min(x, -1)),
  cumsum: elementwise((x) => tf.cumsum(x, 1)),
  transpose: { shapes: [[2, 3, 4, 5]], run: (x) => tf.transpose(x, [0, 2, 1, 3]) },
  reverse: elementwise((x) => tf.reverse(x, 1)),
  slice: elementwise((x) => tf.slice(x, [1, 2], [2, 2])),
  pad: elementwise((x) =>
    tf.pad(x, [
      [1, 0],
      [0, 2],
    ]),
  ),
  concat: pair((a, b) => tf.concat([a, b], 0)),
  stack: elementwise((x) => tf.stack([x, tf.mul(x, 2)], 1)),
  split: elementwise((x) => tf.split(x, [2, 3], 1)[1] as tf.Tensor),
  unstack: elementwise((x) => tf.unstack(x, 0)[1] as tf.Tensor),
  gather: elementwise((x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'))),
  oneHot: elementwise((x) => tf.mul(x, tf.oneHot(tf.tensor1d([1, 0, 4], 'int32'), 5))),
};

/** Value and gradients of an op on the active engine; its output is weighted, so that no gradient is trivial. */
export async function computeCase({ shapes, run, range = [-2, 2] }: OpCase): Promise<number[][]> {
  const random = new RandomStream(7);
  const draw = (shape: readonly number[]): tf.Tensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => random.uniform(...range)),
      [...shape],
    );
  };
  const tensors = tf.tidy(() => {
    const inputs = shapes.map(draw);
    const y = run(...inputs);
    const dy = draw(y.shape);
    return [y, ...tf.grads((...xs: tf.Tensor[]) => run(...xs))(inputs, dy)];
  });
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  tf.dispose(tensors);
  return values.map((value) => [...value]);
}

/** All cases on the active engine; a case that the engine refuses gives the message. */
export async function computeCases(): Promise<Record<string, number[][] | string>> {
  const results: Record<string, number[][] | string> = {};
  for (const [name, opCase] of Object.entries(opCases)) {
    results[name] = await computeCase(opCase).catch((error) => String(error));
  }
  return results;
}
