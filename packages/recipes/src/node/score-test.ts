import type { LabelledInputs } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import type { Learner, Task } from '@ltml/tensor/contract';
import { labelRows, type SparseLabels } from '@ltml/tensor/labels';
import { evaluate, type PredictOptions, type Scorer } from '@ltml/train';
import type { MethodConfig } from '../parts/method-schema.ts';
import { labelScorer } from './label-scorer.ts';

/** Scores of test images. */
export interface TestScores {
  /** Scores of all classes. */
  readonly scores: Scores;
  /**
   * Scores of only the unseen classes (those without training images), relative to each other; left out if there are
   * none.
   */
  readonly unseen?: Scores;
}

/** Scores test images. Their classes are those of the task, followed by unseen classes if there are any. */
export async function scoreTest(
  learner: Learner,
  { method, task }: { readonly method: MethodConfig; readonly task: Task },
  test: LabelledInputs,
  options: PredictOptions = {},
): Promise<TestScores> {
  const seen = task.classes.length;
  if (test.classes.length === seen) return { scores: await evaluate(learner, test, options) };
  const scores = await scoreClasses(learner, method, test, options);
  return { scores, unseen: await scoreClasses(learner, method, withClassesFrom(test, seen), options) };
}

/** Scores any classes. */
async function scoreClasses(
  learner: Learner,
  method: MethodConfig,
  test: LabelledInputs,
  options: PredictOptions,
): Promise<Scores> {
  const labels = await labelScorer(learner, method, test.classes);
  const scorer: Scorer = {
    training: learner.training,
    train: (mode) => learner.train(mode) as never,
    eval: () => learner.eval() as never,
    predict: (inputs) => labels.predict(inputs),
  };
  try {
    return await evaluate(scorer, test, options);
  } finally {
    labels.dispose();
  }
}

/** The same images with only the classes from `first` on. */
function withClassesFrom(test: LabelledInputs, first: number): LabelledInputs {
  const whole = labelRows('scoreTest', test.labels);
  const rest = (list: Int32Array): Int32Array => list.filter((c) => c >= first).map((c) => c - first);
  const labels: SparseLabels = {
    rows: whole.rows,
    columns: whole.columns - first,
    row(index) {
      const { present, absent } = whole.row(index);
      return { present: rest(present), absent: absent === 'rest' ? 'rest' : rest(absent) };
    },
  };
  return { ...test, classes: test.classes.slice(first), labels };
}
