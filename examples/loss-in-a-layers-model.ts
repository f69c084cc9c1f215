// The asymmetric loss in a Layers model. TensorFlow.js passes the labels first; our losses take the logits first.
import { asymmetricLoss } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs';

// The last layer has no activation, because the loss takes logits.
const model = tf.sequential({
  layers: [tf.layers.dense({ units: 16, activation: 'relu', inputShape: [8] }), tf.layers.dense({ units: 3 })],
});
model.compile({
  optimizer: tf.train.adam(0.02),
  loss: (labels, logits) => asymmetricLoss(logits as tf.Tensor2D, labels as tf.Tensor2D, { reduction: 'mean' }),
});

const images = tf.randomNormal([128, 8], 0, 1, 'float32', 1);
const labels = tf.cast(tf.greater(tf.slice(images, [0, 0], [-1, 3]), 0.5), 'float32');
const { history } = await model.fit(images, labels, { epochs: 10, batchSize: 32, verbose: 0 });
console.log('loss:', history.loss.map((value) => Number(value).toFixed(4)).join(', '));

const probabilities = tf.sigmoid(model.predict(tf.slice(images, [0, 0], [2, -1])) as tf.Tensor);
probabilities.print();
