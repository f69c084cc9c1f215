import { perClassReport } from '@ltml/metrics';
import { evaluate, loadModel, scoreGroups } from '@ltml/recipes/node';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { formatScores } from '../score-table.ts';
import { printJson, printLines } from '../terminal.ts';

export interface EvalOptions {
  readonly best?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Prints the scores of a run's weights on its test images. */
export async function evaluateRun(run: string, options: EvalOptions): Promise<void> {
  await startEngine(options.backend);
  const line = new ProgressLine();
  const onWarning = (message: string): void => line.print(`warning: ${message}`);
  const model = await loadModel(run, { best: options.best ?? false, onWarning });
  try {
    const scores = await evaluate(model, { onProgress: (done) => line.show(done, 'computing features') });
    line.clear();
    const { classes, classCounts, groups, weights } = model;
    if (options.json) {
      const perClass = perClassReport(scores, { classes, classCounts });
      await printJson({ mAP: scoreGroups(scores, groups), weights, perClass }, 2);
    } else await printLines(...formatScores(scores, groups, model.learner.scores).split('\n'));
  } finally {
    model.dispose();
  }
}
