import { resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny } from '@ltml/backbone/node';
import { type Dataset, digitsLt, imageInputs, jitter, normalize, padAndShift, type SceneSet } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import { cacheFeatures } from '@ltml/train';
import type * as tf from '@tensorflow/tfjs-core';
import type { SuiteParts } from './method-run.ts';
import type { SuiteProtocol } from './protocol.ts';

/** Makes `digits-lt` and the pretrained network ready; `onProgress` is told the fraction done. */
export async function loadDigitsParts(
  protocol: SuiteProtocol,
  onProgress: (done: number) => void = () => {},
): Promise<SuiteParts> {
  const { train, test } = await digitsLt();
  const images = { train: asDataset(train), test: asDataset(test) };
  const backbone = await loadResnetTiny();
  const features = backbone.featureCount;
  const { views } = protocol;
  if (views === null) {
    backbone.dispose();
    return { ...images, features, createBackbone: loadResnetTiny };
  }
  backbone.eval();
  const encode = (inputs: tf.Tensor): tf.Tensor => backbone.forward(inputs).features;
  const trainShare = ((views + 1) * train.labels.rows) / ((views + 1) * train.labels.rows + test.labels.rows);
  try {
    return {
      features,
      train: await cacheFeatures(encode, images.train, {
        views,
        random: new RandomStreams(0),
        onProgress: (done) => onProgress(done * trainShare),
      }),
      test: await cacheFeatures(encode, images.test, {
        onProgress: (done) => onProgress(trainShare + done * (1 - trainShare)),
      }),
    };
  } finally {
    backbone.dispose();
  }
}

/** What augments does so in training only. Digits are not mirrored: a mirrored 3 is no 3. */
export function asDataset({ name, classes, labels, images }: SceneSet): Dataset {
  const transforms = [padAndShift(4), jitter({ brightness: 20, contrast: 0.2 }), normalize(resnetTinyStatistics)];
  return { name, classes, labels, inputs: imageInputs(images, transforms) };
}
