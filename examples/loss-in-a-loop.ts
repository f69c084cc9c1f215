// The Distribution-Balanced loss in your own training loop, with an optimiser of TensorFlow.js.
import { classStatistics, distributionBalancedLoss, presets } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs';

// Long-tailed labels of 200 images and 3 classes. The features depend on the classes.
const counts = [150, 40, 6];
const present = new Uint8Array(200 * 3);
for (const [c, n] of counts.entries()) for (let i = 0; i < n; i++) present[((i * 7 + c * 11) % 200) * 3 + c] = 1;
const labels = tf.tensor2d(present, [200, 3]);
const features = tf.concat2d([labels, tf.randomNormal<tf.Rank.R2>([200, 5], 0, 1, 'float32', 1)], 1);

// The loss computes class weights from the number of training images of each class.
const statistics = classStatistics({ rows: 200, columns: 3, present });
const weights = tf.variable(tf.zeros<tf.Rank.R2>([8, 3]));
const optimizer = tf.train.adam(0.05);
for (let step = 0; step < 60; step++) {
  const loss = optimizer.minimize(
    () => distributionBalancedLoss(tf.matMul(features, weights), labels, statistics, presets.vocMlt['DB-Focal']),
    true,
  ) as tf.Scalar;
  if (step % 20 === 0 || step === 59) console.log(`step ${step}: loss ${loss.dataSync()[0].toFixed(4)}`);
  loss.dispose();
}
