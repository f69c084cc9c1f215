import { join } from 'node:path';
import { perClassReport } from '@ltml/metrics';
import { buildExperiment, readConfig, readWeights, resolveExperiment } from '@ltml/recipes';
import { importState } from '@ltml/tensor';
import { evaluate } from '@ltml/train';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { formatScores, scoreGroups } from '../score-table.ts';
import { printJson, printLines } from '../terminal.ts';

export interface EvalOptions {
  readonly best?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Prints the scores of a run's weights on its test images. */
export async function evaluateRun(run: string, options: EvalOptions): Promise<void> {
  const config = resolveExperiment(readConfig(join(run, 'config.json')));
  const weights = await readWeights(run, options.best ?? false);
  await startEngine(options.backend);
  const line = new ProgressLine();
  // No training: no augmented views are needed.
  const plain = config.cachedViews === null ? config : { ...config, cachedViews: 0 };
  const { learner, test, task, groups } = await buildExperiment(plain, (done) => line.show(done, 'caching features'));
  line.clear();
  try {
    importState(learner, weights);
    const scores = await evaluate(learner, test, { batchSize: config.evaluation.batchSize });
    if (options.json) {
      const { classes, statistics } = task;
      const perClass = perClassReport(scores, { classes, classCounts: statistics.classCounts });
      await printJson({ mAP: scoreGroups(scores, groups), perClass }, 2);
    } else await printLines(...formatScores(scores, groups).split('\n'));
  } finally {
    learner.dispose();
  }
}
