import { join, resolve } from 'node:path';
import { buildExperiment, type Experiment, readConfig, resolveExperiment } from '@ltml/recipes';
import { averagePrecisionMetrics, evaluate, fit } from '@ltml/train';
import { openRunFolder, progress, type RunFolder } from '@ltml/train/node';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { formatScores, scoreGroups } from '../score-table.ts';
import { printErrors, printJson, printLines } from '../terminal.ts';
import { stopSignals } from './stop-signals.ts';

export interface TrainOptions {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly sameEngine?: boolean;
  readonly eager?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/**
 * Trains what a configuration says, into a run folder.
 *
 * SIGINT, SIGTERM and SIGHUP stop it with a checkpoint, at exit code 1; a second one ends it at once.
 */
export async function train(file: string, options: TrainOptions): Promise<void> {
  const config = resolveExperiment(readConfig(file, options.set));
  const stop = stopSignals();
  try {
    await trainUntil(stop.signal, config, options);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    printErrors('stopped; what is done is kept, go on with --resume');
    process.exitCode = 1;
  } finally {
    stop.dispose();
  }
}

async function trainUntil(signal: AbortSignal, config: Experiment, options: TrainOptions): Promise<void> {
  const engine = await startEngine(options.backend);
  const out = options.out ?? join('runs', config.name);
  const line = new ProgressLine();
  line.print(`${config.name} on ${engine}, into ${out}`);
  const eager = options.eager ?? false;
  // Built first, so that a run that is refused for its parts leaves no folder.
  const experiment = await buildExperiment(config, (done) => line.show(done, 'caching features'), signal);
  line.clear();
  const { learner, loader, stageLoaders, random, task, groups, test } = experiment;
  const { every, batchSize, select } = config.evaluation;
  let folder: RunFolder | undefined;
  try {
    folder = await openRunFolder(out, {
      config,
      resume: options.resume ?? false,
      sameEngine: options.sameEngine ?? false,
      eager,
      ...(config.checkpointEverySteps !== null && { checkpointEverySteps: config.checkpointEverySteps }),
      onWarning: (message) => line.print(`warning: ${message}`),
    });
    const result = await fit({
      learner,
      loader,
      stageLoaders,
      random,
      accumulate: config.accumulate,
      eager,
      validation: { dataset: test, every, batchSize, metrics: averagePrecisionMetrics(groups) },
      ...(select && { selection: select }),
      checkpoints: folder.checkpoints,
      observers: [folder.observer, progress({ stream: process.stderr })],
      signal,
    });
    if (result.outcome === 'aborted') {
      line.print(`stopped after step ${result.steps}; go on with --resume`);
      process.exitCode = 1;
      return;
    }
    const scores = await evaluate(learner, test, { batchSize, signal });
    await folder.writeResults({ result, task, scores, summary: { mAP: scoreGroups(scores, groups) } });
    if (options.json) await printJson({ folder: resolve(out), ...result, mAP: scoreGroups(scores, groups) });
    else await printLines(...formatScores(scores, groups).split('\n'), '', `run folder: ${resolve(out)}`);
  } finally {
    await folder?.close();
    learner.dispose();
  }
}
