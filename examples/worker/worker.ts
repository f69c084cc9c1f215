// Trains with a loss of @ltml/losses outside the page's thread. It receives a message { steps } and sends the losses.
import { asymmetricLoss } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs';

self.onmessage = async ({ data: { steps } }: MessageEvent<{ steps: number }>) => {
  await tf.setBackend('cpu'); // enough for this example; 'webgl' works in workers of browsers with OffscreenCanvas
  const images = tf.randomNormal<tf.Rank.R2>([64, 8], 0, 1, 'float32', 1);
  const labels = tf.cast(tf.greater(tf.slice(images, [0, 0], [-1, 3]), 0.5), 'float32') as tf.Tensor2D;
  const weights = tf.variable(tf.zeros<tf.Rank.R2>([8, 3]));
  const optimizer = tf.train.adam(0.05);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = optimizer.minimize(
      () => asymmetricLoss(tf.matMul(images, weights), labels, { reduction: 'mean' }),
      true,
    ) as tf.Scalar;
    losses.push((await loss.data())[0]);
    loss.dispose();
  }
  self.postMessage(losses);
};
