import { resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny } from '@ltml/backbone/node';
import { type Dataset, digitsLt, imageInputs, type SceneSet } from '@ltml/data';
import type { Pipeline } from '@ltml/images';
import { type Module, RandomStreams } from '@ltml/tensor';
import type { MapEncoder } from '@ltml/tensor/contract';
import { cacheFeatures } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';

/** Training and test images of `digits-lt`, or what a frozen network makes of them. */
export interface DigitsSets {
  readonly train: Dataset;
  readonly test: Dataset;
  /** D, features of `resnet-tiny`. */
  readonly features: number;
}

/** `digits-lt` as images for `resnet-tiny`. */
export async function loadDigitsImages(): Promise<Pick<DigitsSets, 'train' | 'test'>> {
  const { train, test } = await digitsLt();
  return { train: asDataset(train), test: asDataset(test) };
}

/** What a network makes of an image: pooled features [96], maps [8, 8, 96], or these averaged over 2 × 2 places. */
export type DigitsView = 'features' | 'featureMap' | 'halvedMap';

const cached = new Map<string, Promise<DigitsSets>>();

/**
 * `digits-lt` through the frozen, pretrained `resnet-tiny`. Made once for all tracks that ask for the same.
 *
 * @param views augmented views kept of each training image
 * @param onProgress told the fraction done
 */
export function loadDigitsFeatures(
  view: DigitsView,
  views: number,
  onProgress: (done: number) => void = () => {},
): Promise<DigitsSets> {
  const key = `${view} ${views}`;
  const sets = cached.get(key) ?? encodeOnce(view, views, onProgress);
  cached.set(key, sets);
  return sets;
}

async function encodeOnce(view: DigitsView, views: number, onProgress: (done: number) => void): Promise<DigitsSets> {
  const encoder = await loadResnetTiny();
  try {
    const sets = await encodeDigits(encoder, view, views, onProgress);
    return { ...sets, features: encoder.featureCount };
  } finally {
    encoder.dispose();
  }
}

/** `digits-lt` through a network, which is put into evaluation mode; see {@link loadDigitsFeatures}. */
export async function encodeDigits(
  network: Module & MapEncoder,
  view: DigitsView,
  views: number,
  onProgress: (done: number) => void = () => {},
): Promise<Pick<DigitsSets, 'train' | 'test'>> {
  const { train, test } = await loadDigitsImages();
  network.eval();
  const encode = (inputs: tf.Tensor): tf.Tensor => {
    const output = network.forward(inputs);
    return view === 'halvedMap' ? tf.avgPool(output.featureMap, 2, 2, 'valid') : output[view];
  };
  const trainShare = ((views + 1) * train.labels.rows) / ((views + 1) * train.labels.rows + test.labels.rows);
  return {
    train: await cacheFeatures(encode, train, {
      views,
      random: new RandomStreams(0),
      onProgress: (done) => onProgress(done * trainShare),
    }),
    test: await cacheFeatures(encode, test, {
      onProgress: (done) => onProgress(trainShare + done * (1 - trainShare)),
    }),
  };
}

/** What augments does so in training only. Digits are not mirrored: a mirrored 3 is no 3. */
export function asDataset({ name, classes, labels, images }: SceneSet): Dataset {
  const pipeline: Pipeline = [
    { name: 'padAndShift', padding: 4 },
    { name: 'jitter', brightness: 20, contrast: 0.2 },
    { name: 'normalize', ...resnetTinyStatistics },
  ];
  return { name, classes, labels, inputs: imageInputs(images, pipeline) };
}
