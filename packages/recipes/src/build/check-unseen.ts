import type { Learner, Task } from '@ltml/tensor/contract';
import type { MethodConfig } from '../parts/method-schema.ts';
import { EntryError } from '../usage-error.ts';

/** @throws EntryError if test images have classes that are not in training, and the learner can't score them */
export function checkUnseen(learner: Learner, method: MethodConfig, task: Task, test: readonly string[]): void {
  const canScore = method.classEmbeddings ? learner.predictClasses : learner.labelScorer;
  if (test.length === task.classes.length || canScore) return;
  const message = `should be false: ${method.name} cannot score classes without training images`;
  throw new EntryError(message, 'data.unseenClasses');
}
