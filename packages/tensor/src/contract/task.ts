import type { ClassStatistics } from '../labels/class-statistics.ts';

/** What is to be classified: the classes and what the training set says of them. */
export interface Task {
  readonly classes: readonly string[];
  readonly statistics: ClassStatistics;
}
