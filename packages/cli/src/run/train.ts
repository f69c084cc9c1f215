import { join, resolve } from 'node:path';
import { buildExperiment, readConfig, resolveExperiment } from '@ltml/recipes';
import { averagePrecisionMetrics, evaluate, fit } from '@ltml/train';
import { openRunFolder, progress } from '@ltml/train/node';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { ProgressLine } from '../progress-line.ts';
import { formatScores, scoreGroups } from '../score-table.ts';

export interface TrainOptions {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly eager?: boolean;
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Trains what a configuration says, into a run folder. */
export async function train(file: string, options: TrainOptions): Promise<void> {
  const config = resolveExperiment(readConfig(file, options.set));
  const engine = await startEngine(options.backend);
  const out = options.out ?? join('runs', config.name);
  const line = new ProgressLine();
  line.print(`${config.name} on ${engine}, into ${out}`);
  const folder = await openRunFolder(out, {
    config,
    resume: options.resume ?? false,
    eager: options.eager ?? false,
    ...(config.checkpointEverySteps !== null && { checkpointEverySteps: config.checkpointEverySteps }),
    onWarning: (message) => line.print(`warning: ${message}`),
  });
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  const experiment = await buildExperiment(config, (done) => line.show(done, 'caching features'));
  line.clear();
  const { learner, loader, stageLoaders, random, task, groups, test } = experiment;
  const { every, batchSize, select } = config.evaluation;
  try {
    const result = await fit({
      learner,
      loader,
      stageLoaders,
      random,
      accumulate: config.accumulate,
      eager: options.eager ?? false,
      validation: { dataset: test, every, batchSize, metrics: averagePrecisionMetrics(groups) },
      ...(select && { selection: select }),
      checkpoints: folder.checkpoints,
      observers: [folder.observer, progress({ stream: process.stderr })],
      signal: stop.signal,
    });
    if (result.outcome === 'aborted') {
      line.print(`stopped after step ${result.steps}; go on with --resume`);
      process.exitCode = 1;
      return;
    }
    const scores = await evaluate(learner, test, { batchSize });
    await folder.writeResults({ result, task, scores, summary: { mAP: scoreGroups(scores, groups) } });
    if (options.json)
      console.log(JSON.stringify({ folder: resolve(out), ...result, mAP: scoreGroups(scores, groups) }));
    else console.log(`${formatScores(scores, groups)}\n\nrun folder: ${resolve(out)}`);
  } finally {
    process.off('SIGINT', interrupt);
    folder.close();
    learner.dispose();
  }
}
