import { gelu, layerNorm, RandomStream, selfAttention } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** A function of images [B, 9, 9, 3], to be exported. */
export type Predict = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

const random = new RandomStream(3);
const values = (size: number) => Float32Array.from({ length: size }, () => random.normal());

export const imageShape = [9, 9, 3] as const;

export function randomImages(batch: number): tf.Tensor {
  return tf.tensor(values(batch * 9 * 9 * 3), [batch, ...imageShape]);
}

/** A convolution and a linear head over weights in variables. */
function convolution(): Predict {
  const filter = tf.variable(tf.tensor(values(3 * 3 * 3 * 8), [3, 3, 3, 8]));
  const head = tf.variable(tf.tensor(values(8 * 5), [8, 5]));
  return ({ images }) => ({
    scores: tf.matMul(
      tf.mean(tf.relu(tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same')), [1, 2]),
      head,
    ),
  });
}

/** Layers that have kernels of our own, which other programs don't know, over patches of the images. */
function transformer(): Predict {
  const weights = tf.variable(tf.tensor(values(27 * 24), [27, 24]));
  return ({ images }) => {
    const batch = images.shape[0];
    const joined = tf.matMul(tf.reshape(images, [9 * batch, 27]), weights);
    const tokens = selfAttention(tf.reshape(joined, [batch, 9, 24]), { heads: 2 });
    return { scores: gelu(layerNorm(tokens, tf.ones([8]), tf.zeros([8]))) };
  };
}

/** Ops whose sizes depend on the batch. */
function batchSizes(): Predict {
  const rows = tf.variable(tf.tensor(values(4 * 27), [4, 27]));
  return ({ images }) => {
    const batch = images.shape[0];
    const flat = tf.reshape(images, [batch, 9, 27]);
    const many = tf.tile(tf.expandDims(rows, 0), [batch, 1, 1]);
    const products = tf.matMul(many, flat, false, true);
    const { values: best, indices } = tf.topk(products, 2);
    const first = tf.slice(flat, [0, 1, 0], [batch, 1, 3]);
    const other = tf.concat([tf.ones([batch, 4, 2]), best, tf.cast(indices, 'float32')], 2);
    return { scores: tf.concat([tf.reshape(other, [batch, 24]), tf.reshape(first, [batch, 3])], 1) };
  };
}

/** Pools, filters with padding and the like. */
function pools(): Predict {
  const filter = tf.variable(tf.tensor(values(2 * 3 * 3 * 4), [2, 3, 3, 4]));
  return ({ images }) => {
    const padded = tf.pad(images as tf.Tensor4D, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]);
    const map = tf.conv2d(
      padded,
      filter as tf.Tensor4D,
      [1, 2],
      [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 0],
      ],
      'NHWC',
    );
    const pooled = tf.add(tf.maxPool(map, 3, 2, 'same'), tf.avgPool(map, 3, 2, 'same'));
    const [a, b] = tf.split(tf.softmax(pooled), 2, 3);
    const chosen = tf.where(tf.greater(a, b), tf.maximum(a, tf.minimum(b, 0.2)), tf.logSoftmax(tf.sub(b, a)));
    const turned = tf.transpose(chosen, [0, 3, 1, 2]);
    return { scores: tf.sigmoid(tf.neg(tf.sum(tf.abs(tf.gather(turned, [1, 0, 1], 2)), [3]))) };
  };
}

export const predictions: Readonly<Record<string, () => Predict>> = { convolution, transformer, batchSizes, pools };
