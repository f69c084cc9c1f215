import { type BytePicture, resolvePipeline } from '@ltml/images';
import type { Model } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import type { LabelScorer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { EvidenceMap } from '../evidence-map.ts';

/**
 * Maps of where a model looks for its classes in a picture, or for free labels.
 *
 * @param scorer of free labels; left out: the model's classes
 * @returns one map for each class or label
 */
export async function evidenceOfModel(
  { learner, pipeline, imageSize, encode }: Model,
  picture: BytePicture,
  scorer?: LabelScorer,
): Promise<EvidenceMap[]> {
  const { pixels } = resolvePipeline(pipeline)(picture);
  const maps = tf.tidy(() => {
    const input = encode(tf.tensor(pixels, [1, ...imageSize, 3]));
    return (scorer ?? learner).evidence?.(input) as tf.Tensor4D;
  });
  const [, count, height, width] = maps.shape;
  try {
    const values = await maps.data<'float32'>();
    const size = height * width;
    return Array.from({ length: count }, (_, c) => ({
      height,
      width,
      values: values.subarray(c * size, (c + 1) * size),
    }));
  } finally {
    maps.dispose();
  }
}

/** @throws UsageError if the method has no maps, or if it gets free labels only as embeddings */
export function checkHasEvidence({ learner, recipe }: Model, scorer?: LabelScorer): void {
  if (!learner.evidence) {
    throw new UsageError(
      `--evidence: ${recipe.method.name} has no maps of where it looks; cprfl, sarb, mkt, mlc-nc, coop and piaa have`,
    );
  }
  if (scorer && !scorer.evidence) {
    throw new UsageError(
      '--evidence: with --labels needs a model that reads texts; this one only has stored embeddings',
    );
  }
}
