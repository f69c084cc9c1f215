import * as tf from '@tensorflow/tfjs-core';
import { loadModel, sampleImages } from '../src/node/index.ts';

/** What a model gives for so many of the pictures that it is checked with. The pictures are the caller's to dispose of. */
export async function sampleScores(
  bundle: string,
  count: number,
): Promise<{ readonly images: tf.Tensor4D; readonly scores: Float32Array }> {
  const model = await loadModel(bundle);
  const images = await sampleImages(model, count);
  const { mean, std } = model.statistics;
  const scores = tf.tidy(() => {
    const normalized = tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]));
    return model.learner.predict(model.encode(normalized)).dataSync<'float32'>();
  });
  model.dispose();
  return { images, scores };
}
