import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

test.runIf(tf.getBackend() === 'tensorflow')('the host’s copies of weights go once they are used', () => {
  const before = process.memoryUsage().arrayBuffers;
  const weights = Array.from({ length: 10 }, () => tf.tensor1d(new Float32Array(5e6).fill(1)));
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(190e6);
  for (const weight of weights) tf.square(weight).dispose();
  // The last 64 MB may be there still.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  expect(tf.sum(weights[3]).dataSync()[0]).toBe(5e6);
  tf.dispose(weights);
});
