import { checkFitOptions } from './check-fit-options.ts';
import type { FitOptions, FitResult } from './fit-options.ts';
import { Run } from './run.ts';

/**
 * Trains a learner through its stages.
 *
 * A step is: forward and gradient of each batch, put together over `accumulate` batches; clipping; the optimiser's
 * update at the schedule's rates; the averaged weights; the stage's `afterStep`. All tensors of a step are disposed of.
 * An epoch ends with its evaluation and a checkpoint. Loss and terms are read from the device one step late, so that an
 * engine that computes ahead is never stalled.
 *
 * A run that goes on from a checkpoint gives, on the same engine, the very numbers of the uninterrupted one. For that
 * `learner`, the loaders and `random` must be built as they were at the start.
 *
 * @throws DataError when the loss is not finite, naming stage, epoch, step and images; what a checkpoint holds is from
 * before that. On a checkpoint whose state is not that of such a run, naming the entry, and on one whose best weights are
 * lost. Nothing is changed then.
 * @throws OptionError on unknown options and values out of their range, on a metric for the selection that is not there,
 * and on a checkpoint of another configuration
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  checkFitOptions(options);
  const run = new Run(options);
  try {
    return await run.run();
  } finally {
    run.dispose();
  }
}
