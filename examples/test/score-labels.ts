import type { Model } from '@ltml/recipes';
import * as tf from '@tensorflow/tfjs-core';

/** Scores of labels [2 · K] for two images by a formula. */
export async function scoreLabels(model: Model, labels: readonly string[]): Promise<number[]> {
  const [height, width] = model.imageSize;
  const scorer = model.learner.labelScorer?.(labels);
  const scores = tf.tidy(() => {
    const images = tf.sin(tf.mul(tf.range(0, 2 * height * width * 3, 1), 0.37));
    const inputs = model.encode(tf.reshape(images, [2, height, width, 3]));
    return scorer?.predict(inputs) as tf.Tensor2D;
  });
  scorer?.dispose();
  const values = [...(await scores.data())];
  scores.dispose();
  return values;
}
