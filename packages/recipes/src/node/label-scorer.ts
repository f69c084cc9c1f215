import type { LabelScorer, Learner } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import type { MethodConfig } from '../parts/method-schema.ts';
import { UsageError } from '../usage-error.ts';
import { embedClasses } from './learner-sources.ts';

/**
 * What a learner scores labels with: their embeddings where its recipe names some, otherwise their texts. Either is read
 * once. Scores are relative to the other labels.
 *
 * @throws UsageError for a method that knows no labels but its classes
 */
export async function labelScorer(
  learner: Pick<Learner, 'predictClasses' | 'labelScorer'>,
  method: MethodConfig,
  labels: readonly string[],
): Promise<LabelScorer> {
  if (method.classEmbeddings ? !learner.predictClasses : !learner.labelScorer) {
    throw new UsageError(`${method.name} knows the classes that it was trained on and no others`);
  }
  if (!method.classEmbeddings) return learner.labelScorer?.(labels) as LabelScorer;
  const embeddings = await embedClasses(method, labels);
  return {
    predict: (inputs) => learner.predictClasses?.(inputs, embeddings) as tf.Tensor2D,
    dispose: () => embeddings.dispose(),
  };
}
