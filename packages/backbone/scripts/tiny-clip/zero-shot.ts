import { imageInputs, type SceneSet } from '@ltml/data';
import { averagePrecision, meanAveragePrecision } from '@ltml/metrics';
import { l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { resnetTinyStatistics } from '../../src/resnet-tiny.ts';
import { embedClasses } from '../../src/text/class-embeddings.ts';
import type { TinyClip } from '../../src/text/tiny-clip.ts';

export interface ZeroShotScores {
  /** Mean average precision of all classes, as a fraction. */
  readonly all: number;
  /** Of the classes from the twentieth on, the green ones, which the training sets of digits-lt never show. */
  readonly unseen: number;
}

/** Ranks scenes by the cosine between their embedding and that of each class name in one prompt. */
export async function zeroShotAveragePrecision(
  { clip, tokenizer }: TinyClip,
  { classes, images, labels }: SceneSet,
): Promise<ZeroShotScores> {
  const texts = await embedClasses(classes, { tokenizer, tower: clip.text });
  const classEmbeddings = tf.tensor2d(texts.data as Float32Array, [classes.length, clip.text.featureCount]);
  const inputs = imageInputs(images, [{ name: 'normalize', ...resnetTinyStatistics }]);
  const scores = new Float32Array(labels.rows * labels.columns);
  for (let first = 0; first < labels.rows; first += 100) {
    const indices = Int32Array.from({ length: Math.min(100, labels.rows - first) }, (_, i) => first + i);
    const pixels = await inputs.read(indices);
    const cosines = tf.tidy(() => {
      const { features } = clip.visual.forward(tf.tensor(pixels, [indices.length, ...inputs.shape]));
      return tf.matMul(l2Normalize(features) as tf.Tensor2D, classEmbeddings, false, true);
    });
    scores.set(await cosines.data<'float32'>(), first * labels.columns);
    cosines.dispose();
  }
  classEmbeddings.dispose();
  const perClass = averagePrecision({ ...labels, scores });
  return { all: meanAveragePrecision(perClass), unseen: meanAveragePrecision(perClass.slice(20)) };
}
