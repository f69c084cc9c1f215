import { checkFitOptions } from './check-fit-options.ts';
import type { FitOptions, FitResult } from './fit-options.ts';
import { Run } from './run.ts';

/**
 * Trains a learner through its stages.
 *
 * A step consists of: forward and backward pass of each batch, accumulated over `accumulate` batches; clipping; the
 * optimiser's update at the scheduled rates; the update of averaged weights; the stage's `afterStep`. All tensors of a
 * step are disposed of. Each epoch ends with an evaluation and a checkpoint. Loss and terms are read from the device
 * one step late, so that an engine that computes ahead never has to wait.
 *
 * A run that resumes from a checkpoint gives, on the same engine, exactly the numbers of an uninterrupted run. For
 * this, `learner`, the loaders and `random` must be built as at the start.
 *
 * @throws DataError if the loss is not finite, naming stage, epoch, step and images. Checkpoints are from before that
 * step
 * @throws DataError for a checkpoint that does not fit the run, naming the entry, or whose best weights are missing.
 * Nothing has changed then
 * @throws OptionError for unknown options, values out of range, an unknown selection metric, or a checkpoint of another
 * configuration
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
