import type { Learner } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import type { MethodConfig } from '../parts/method-schema.ts';
import { UsageError } from '../usage-error.ts';
import { embedClasses } from './learner-sources.ts';

/** Scores images by any labels. */
export interface LabelScorer {
  /** Scores [B, K] of K labels, relative to each other. */
  predict(inputs: tf.Tensor): tf.Tensor2D;
  dispose(): void;
}

/** What a learner scores labels with: their embeddings where its recipe names some, otherwise their texts. */
export async function labelScorer(
  learner: Pick<Learner, 'predictClasses' | 'predictLabels'>,
  method: MethodConfig,
  labels: readonly string[],
): Promise<LabelScorer> {
  if (method.classEmbeddings ? !learner.predictClasses : !learner.predictLabels) {
    throw new UsageError(`${method.name} knows the classes that it was trained on and no others`);
  }
  const embeddings = method.classEmbeddings && (await embedClasses(method, labels));
  return {
    predict: (inputs) =>
      (embeddings
        ? learner.predictClasses?.(inputs, embeddings)
        : learner.predictLabels?.(inputs, labels)) as tf.Tensor2D,
    dispose: () => embeddings?.dispose(),
  };
}
