import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { imageSetOf } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import { datasets } from '../parts/datasets.ts';
import { dataFiles } from './data-files.ts';
import { picturesOf } from './pictures.ts';

/**
 * Images to try a model with, always the same: training images if the data set is available, else noise.
 *
 * @returns [count, H, W, 3] RGB from 0 to 255, in the model's image size, not normalised
 */
export async function sampleImages(model: Model, count: number): Promise<tf.Tensor4D> {
  const [height, width] = model.imageSize;
  const shape: [number, number, number, number] = [count, height, width, 3];
  const normalized = await trainingImages(model, count);
  if (!normalized) {
    const random = new RandomStream(1);
    const levels = Float32Array.from({ length: count * height * width * 3 }, () => 255 * random.uniform());
    return tf.tensor4d(levels, shape);
  }
  const { mean, std } = model.statistics;
  return tf.tidy(() => {
    const images = tf.mul(tf.tensor4d(normalized, shape), tf.tensor1d([...std]));
    return tf.add<tf.Tensor4D>(images, tf.tensor1d([...mean]));
  });
}

async function trainingImages({ data, pipeline }: Model, count: number): Promise<Float32Array | undefined> {
  try {
    const dataSet = await datasets.create(data, dataFiles);
    const { inputs } = picturesOf(imageSetOf(dataSet, dataSet.splits.train), pipeline);
    const places = Array.from({ length: count }, (_, i) => Math.floor((i * inputs.length) / count));
    return await inputs.read(places);
  } catch {
    // A model is often used where its training data is not available.
    return undefined;
  }
}
