import { freemem } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type BuiltExperiment,
  buildExperiment,
  type ConfigSource,
  describeModel,
  type Experiment,
  readConfig,
  resolveExperiment,
  type WeightsKind,
  writeDescription,
  writeModel,
} from '@ltml/recipes';
import { averagePrecisionMetrics, evaluate, type FitResult, fit } from '@ltml/train';
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
  const source = readConfig(file, options.set);
  const config = resolveExperiment(source);
  const stop = stopSignals();
  try {
    await trainUntil(stop.signal, config, source, options);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    printErrors('stopped; what is done is kept, go on with --resume');
    process.exitCode = 1;
  } finally {
    stop.dispose();
  }
}

async function trainUntil(
  signal: AbortSignal,
  config: Experiment,
  source: ConfigSource,
  options: TrainOptions,
): Promise<void> {
  const engine = await startEngine(options.backend);
  const out = options.out ?? join('runs', config.name);
  const line = new ProgressLine();
  const eager = options.eager ?? false;
  // Everything is built and checked before the folder is touched: a run that is refused leaves nothing behind.
  const experiment = await buildExperiment(config, source);
  const { learner, loader, stageLoaders, random, task, groups, classCounts, validation, test } = experiment;
  const { every, batchSize, select, selection } = config.evaluation;
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
    line.print(`${config.name} on ${engine}, into ${out}`);
    for (const text of describePlan(experiment)) line.print(text);
    const description = await describeModel(experiment);
    await writeDescription(join(out, 'model'), description);
    await experiment.computeFeatures((done) => line.show(done, 'computing features'), signal);
    line.clear();
    const result = await fit({
      learner,
      loader,
      stageLoaders,
      random,
      accumulate: config.accumulate,
      eager,
      ...(validation && {
        validation: { dataset: validation, every, batchSize, metrics: averagePrecisionMetrics(groups) },
      }),
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
    const weights = { kind: kindOf(result, learner), step: result.best?.step ?? result.steps };
    await writeModel(join(out, 'model'), experiment, description, weights);
    const scores = await evaluate(learner, test, { batchSize, signal });
    const mAP = scoreGroups(scores, groups);
    const about = { mAP, weights: weights.kind, ...(select && { selection }) };
    // Groups are those of the whole training set, what is held out of it included.
    const whole = { ...task, statistics: { ...task.statistics, classCounts } };
    await folder.writeResults({ result, task: whole, scores, summary: about });
    if (options.json) await printJson({ folder: resolve(out), ...result, ...about });
    else {
      const note = select ? `, ${selectionNote(selection)}` : '';
      const title = `${test.labels.rows} test images, ${weights.kind} weights${note}`;
      const table = formatScores(scores, groups, learner.scores).split('\n');
      await printLines(title, '', ...table, '', `run folder: ${resolve(out)}`);
    }
  } finally {
    await folder?.close();
    experiment.dispose();
  }
}

/** What a run is about to do, so that runs can be compared at equal steps. */
function describePlan({ stages, validation, task, featureBytes, config }: BuiltExperiment): string[] {
  const count = `${task.statistics.trainCount} training images`;
  const compared =
    config.evaluation.selection === 'published'
      ? 'epochs are compared on the test images, as published protocols have it'
      : `${validation?.labels.rows ?? 0} are held out for validation`;
  const gigabytes = featureBytes / 1e9;
  return [
    `${count}, ${compared}`,
    ...stages.map(
      ({ name, epochs, steps, imagesPerEpoch }) =>
        `stage ${name}: ${steps} steps, ${epochs} epochs of ${imagesPerEpoch} images`,
    ),
    ...(gigabytes > 0.5
      ? [`features: ${gigabytes.toFixed(1)} GB of memory, ${(freemem() / 1e9).toFixed(1)} GB are free`]
      : []),
  ];
}

function kindOf({ best }: FitResult, { stages }: BuiltExperiment['learner']): WeightsKind {
  if (best) return 'best';
  return stages.at(-1)?.averageDecay === undefined ? 'last' : 'averaged';
}

function selectionNote(selection: 'validation' | 'published'): string {
  return selection === 'published'
    ? 'of the epoch that is best on these very images, as published protocols have it'
    : 'of the epoch that is best on the validation images';
}
