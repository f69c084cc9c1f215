import { type BytePicture, resolvePipeline } from '@ltml/images';
import type { Model } from '@ltml/recipes';
import type { LabelScorer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Where a model sees one tag: values by places, row by row. */
export interface Evidence {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** What a model says of one picture. */
export interface Tagged {
  readonly names: readonly string[];
  /** As the model gives them. */
  readonly scores: readonly number[];
  /** Of each tag; undefined for a model that looks at the picture as a whole. */
  readonly evidence: readonly Evidence[] | undefined;
  readonly milliseconds: number;
}

/**
 * Scores a picture by the pipeline that test images went through in training.
 *
 * @param labels in place of the model's classes, if it reads texts, and what scores by them
 */
export async function tagPicture(
  model: Model,
  picture: BytePicture,
  labels?: { readonly names: readonly string[]; readonly scorer: LabelScorer },
): Promise<Tagged> {
  const { learner, imageSize, classes, pipeline } = model;
  const start = performance.now();
  const { pixels } = resolvePipeline(pipeline)(picture);
  const { scores, evidence } = tf.tidy(() => {
    const input = model.encode(tf.tensor(pixels, [1, ...imageSize, 3]));
    const by = labels?.scorer ?? learner;
    return { scores: by.predict(input), evidence: by.evidence?.(input) };
  });
  try {
    const values = Array.from(await scores.data());
    const milliseconds = performance.now() - start;
    const maps = evidence && splitMaps(evidence.shape, (await evidence.data()) as Float32Array);
    return { names: labels?.names ?? classes, scores: values, evidence: maps, milliseconds };
  } finally {
    tf.dispose(evidence ? [scores, evidence] : [scores]);
  }
}

function splitMaps([, count, height, width]: readonly number[], values: Float32Array): Evidence[] {
  const size = height * width;
  return Array.from({ length: count }, (_, c) => ({
    height,
    width,
    values: values.subarray(c * size, (c + 1) * size),
  }));
}
