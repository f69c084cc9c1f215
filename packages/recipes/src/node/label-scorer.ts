import type { LabelScorer, Learner } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import type { MethodConfig } from '../parts/method-schema.ts';
import { UsageError } from '../usage-error.ts';
import { embedClasses } from './learner-sources.ts';

/**
 * Makes the scorer of free labels: by their embeddings if the recipe names class embeddings, else by their texts. The
 * labels are encoded once. Scores are relative to the other labels.
 *
 * @throws UsageError for a method that can only score its training classes
 */
export async function labelScorer(
  learner: Pick<Learner, 'predictClasses' | 'labelScorer'>,
  method: MethodConfig,
  labels: readonly string[],
): Promise<LabelScorer> {
  if (method.classEmbeddings ? !learner.predictClasses : !learner.labelScorer) {
    throw new UsageError(`${method.name} can only score the classes that it was trained on`);
  }
  if (!method.classEmbeddings) return learner.labelScorer?.(labels) as LabelScorer;
  const embeddings = await embedClasses(method, labels);
  return {
    predict: (inputs) => learner.predictClasses?.(inputs, embeddings) as tf.Tensor2D,
    dispose: () => embeddings.dispose(),
  };
}
