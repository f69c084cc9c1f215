import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Labels and what is known of them, at random. */
export function randomLabels(B: number, C: number, seed: number, share = 0.5) {
  const random = new RandomStream(seed);
  const draw = (chance: number): tf.Tensor2D =>
    tf.tensor2d(
      Float32Array.from({ length: B * C }, () => Number(random.uniform() < chance)),
      [B, C],
    );
  return { labels: draw(0.4), known: draw(share) };
}

/** Asserts that something leaves no tensor behind but those that it returns. */
export async function expectNoLeak(run: () => tf.TensorContainer | Promise<tf.TensorContainer>): Promise<void> {
  const before = tf.memory().numTensors;
  tf.dispose(await run());
  expect(tf.memory().numTensors).toBe(before);
}
