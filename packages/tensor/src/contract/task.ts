import type { ClassStatistics } from '../labels/class-statistics.ts';

/** A classification task: the classes and their statistics in the training set. */
export interface Task {
  readonly classes: readonly string[];
  readonly statistics: ClassStatistics;
}
