import * as tf from '@tensorflow/tfjs-core';
import type { Candidate } from '../candidates.ts';
import { startCandidate } from '../start.ts';

/** Speed of an engine, measured in about five seconds. All are medians. */
export interface Speed {
  /** Milliseconds of a matrix multiplication 512×512×512. */
  readonly matMulMs: number;
  /** The same in 10⁹ multiplications and additions per second. */
  readonly matMulGigaflops: number;
  /** Milliseconds of a convolution 3×3, 2×56×56×64 → 64 channels. */
  readonly convMs: number;
  /** Microseconds of adding two numbers: the overhead of any op. */
  readonly opMicroseconds: number;
}

/** Starts an engine in this process and measures it. */
export async function measureCandidate(candidate: Candidate): Promise<Speed> {
  await startCandidate(candidate);
  return await measureSpeed();
}

/** Measures the active engine. */
export async function measureSpeed(): Promise<Speed> {
  const square = tf.randomUniform([512, 512], -1, 1, 'float32', 1);
  const image = tf.randomUniform([2, 56, 56, 64], -1, 1, 'float32', 2) as tf.Tensor4D;
  const kernel = tf.randomUniform([3, 3, 64, 64], -1, 1, 'float32', 3) as tf.Tensor4D;
  const one = tf.tensor1d([1]);
  try {
    const matMulMs = await median(() => tf.matMul(square, square));
    const convMs = await median(() => tf.conv2d(image, kernel, 1, 'same'));
    const chain = 200;
    const chainMs = await median(() => {
      let sum: tf.Tensor = one;
      for (let i = 0; i < chain; i++) sum = tf.add(sum, one);
      return sum;
    });
    const matMulGigaflops = (2 * 512 ** 3) / matMulMs / 1e6;
    return { matMulMs, matMulGigaflops, convMs, opMicroseconds: (chainMs / chain) * 1000 };
  } finally {
    tf.dispose([square, image, kernel, one]);
  }
}

/**
 * Median milliseconds of a call, including its result: of as many calls as fit in 1.2 seconds after a first one, at
 * most 200.
 */
async function median(work: () => tf.Tensor): Promise<number> {
  const once = async (): Promise<number> => {
    const start = performance.now();
    const result = tf.tidy(work);
    // Read one number of the result: on a GPU this waits for it, elsewhere it costs little.
    const corner = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), 0, 1));
    await corner.data();
    tf.dispose([result, corner]);
    return performance.now() - start;
  };
  const first = await once();
  const times: number[] = [];
  const end = performance.now() + 1200;
  while (times.length < 200 && performance.now() < end) times.push(await once());
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? first;
}
