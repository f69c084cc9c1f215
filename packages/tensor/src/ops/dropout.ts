import * as tf from '@tensorflow/tfjs-core';
import { checkNumber } from '../check-options.ts';
import { fromHost } from '../host-input.ts';
import type { RandomStream } from '../random.ts';
import { checkTensor } from '../shapes.ts';

/**
 * Sets entries to 0 with probability `rate` and multiplies the others by 1 / (1 − rate), so that the mean stays the
 * same.
 *
 * The host draws the mask, one uniform number per entry in row-major order, so a seed gives the same mask on every
 * engine.
 *
 * @param rate probability in [0, 1]
 * @throws OptionError
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, random: RandomStream): T {
  checkTensor('dropout', 'x', x);
  checkNumber('dropout', 'rate', rate, { min: 0, max: 1 });
  const kept = rate < 1 ? 1 / (1 - rate) : 0;
  // A loop, because `Float32Array.from` takes three times as long.
  const drawMask = () => {
    const mask = new Float32Array(x.size);
    for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < rate ? 0 : kept;
    return mask;
  };
  return tf.tidy(() => tf.mul(x, fromHost(x.shape, drawMask)));
}
