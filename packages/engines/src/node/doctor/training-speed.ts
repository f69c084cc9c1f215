import { batchNormTraining, compile, conv2d } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Training speed of an engine. */
export interface TrainingSpeed {
  /** Images per second of a training step of ResNet-50 at 224 × 224. */
  readonly imagesPerSecond: number;
  /** Largest memory use of the process, in GB. */
  readonly peakGB: number;
}

/** Stages of ResNet-50: inner channels, side of the feature maps for 224 × 224, number of blocks. */
const stages = [
  [64, 56, 3],
  [128, 28, 4],
  [256, 14, 6],
  [512, 7, 3],
] as const;

/**
 * Multiplications of the whole network relative to those of its blocks. The rest is the stem and the connections
 * between stages.
 */
const rest = 4.09 / (16 * 0.218);

const images = 4;

/**
 * Estimates the training speed of ResNet-50 on the active engine. It measures one block of each stage, forward and
 * backward. This takes seconds; a slow engine would need minutes for the whole network.
 */
export async function measureTraining(): Promise<TrainingSpeed> {
  let ms = 0;
  for (const [channels, side, blocks] of stages) ms += blocks * (await timeBlock(channels, side));
  const imagesPerSecond = (images * 1000) / (ms * rest);
  return { imagesPerSecond, peakGB: process.resourceUsage().maxRSS / 1e6 };
}

/**
 * Milliseconds of a bottleneck block and its gradients: the minimum of a few runs, since other processes may use the
 * machine.
 */
async function timeBlock(channels: number, side: number): Promise<number> {
  const wide = 4 * channels;
  const shapes = [
    [1, 1, wide, channels],
    [3, 3, channels, channels],
    [1, 1, channels, wide],
  ] as const;
  const x = tf.randomUniform([images, side, side, wide], -1, 1, 'float32', 1);
  const filters = shapes.map((shape, i) => tf.variable(tf.randomUniform([...shape], -0.1, 0.1, 'float32', i)));
  const step = compile((x: tf.Tensor) => {
    const forward = (x: tf.Tensor): tf.Scalar => {
      const inner = filters.reduce((map, filter, i) => {
        const C = filter.shape[3] as number;
        const { y } = batchNormTraining(conv2d(map, filter, { padding: i === 1 ? 1 : 0 }), tf.ones([C]), tf.zeros([C]));
        return i < 2 ? tf.relu(y) : y;
      }, x);
      return tf.sum(tf.relu(tf.add(inner, x)));
    };
    const { value, grads } = tf.variableGrads(() => forward(x), filters);
    return { value, ...Object.fromEntries(Object.values(grads).map((gradient, i) => [`${i}`, tf.sum(gradient)])) };
  });
  const once = async (): Promise<number> => {
    const start = performance.now();
    const results = step(x);
    await Promise.all(Object.values(results).map((result) => result.data()));
    const ms = performance.now() - start;
    tf.dispose(results);
    return ms;
  };
  try {
    await once();
    const times: number[] = [];
    for (const start = performance.now(); times.length < 1 || (times.length < 5 && performance.now() - start < 400); ) {
      times.push(await once());
    }
    return Math.min(...times);
  } finally {
    step.dispose();
    tf.dispose([x, ...filters]);
  }
}
