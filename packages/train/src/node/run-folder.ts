import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { perClassReport, type Scores } from '@ltml/metrics';
import { type HostTensor, OptionError } from '@ltml/tensor';
import type { Task } from '@ltml/tensor/contract';
import type { CheckpointOptions, FitResult } from '../fit.ts';
import type { Observer } from '../observer.ts';
import { checkpointFolder } from './checkpoint-folder.ts';
import { configHash } from './config-hash.ts';
import { describeEnvironment } from './environment.ts';
import { MetricsLog } from './metrics-log.ts';
import { saveJson, saveTensors } from './save-file.ts';
import { EventWriter } from './tensorboard.ts';

export interface RunFolderOptions {
  /** The configuration with all defaults filled in; plain JSON. */
  readonly config: unknown;
  /** Go on with the run in the folder, or begin it if there is none; default false, which wants a new or empty folder. */
  readonly resume?: boolean;
  /** Whether the run does without compiled steps, for the record of its environment; default false. */
  readonly eager?: boolean;
  /** Optimiser steps from one checkpoint to the next, besides the one after each epoch. */
  readonly checkpointEverySteps?: number;
  /** Told of what is wrong and does not stop the run; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
}

/** What a finished run leaves besides its logs. */
export interface RunResults {
  readonly result: FitResult;
  readonly task: Task;
  /** Of the data set that the run is judged by; see `evaluate`. */
  readonly scores: Scores;
  /** More for the summary, plain JSON. */
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** A run on disk. */
export interface RunFolder {
  readonly path: string;
  /** For `fit`. */
  readonly checkpoints: CheckpointOptions;
  /** For `fit`: writes the logs. */
  readonly observer: Observer;
  /** Writes predictions, per-class average precision and the summary. */
  writeResults(results: RunResults): Promise<void>;
  /** Closes the logs. */
  close(): void;
}

/**
 * Opens the folder of a run.
 *
 * | file | what |
 * |---|---|
 * | `config.json` | the resolved configuration |
 * | `environment.json` | versions, engine, machine; one entry for each process that worked on the run |
 * | `metrics.jsonl` | a line for each step and epoch |
 * | `events.out.tfevents.…` | the same for TensorBoard |
 * | `checkpoints/` | the newest checkpoints and the best weights |
 * | `predictions.safetensors` | `scores`, `present` and, where not everything is, `known`, all [N, C] |
 * | `per-class.json` | name, training images, group and average precision of each class |
 * | `summary.json` | how the run ended, and what the caller adds; written last, so its presence means finished |
 *
 * Every file but the growing logs is written in full or not at all.
 *
 * @throws OptionError if the folder holds a run and `resume` is not set, or a run of another configuration
 */
export async function openRunFolder(path: string, options: RunFolderOptions): Promise<RunFolder> {
  const { config, resume = false, eager = false, checkpointEverySteps, onWarning = console.warn } = options;
  const hash = configHash(config);
  await mkdir(path, { recursive: true });
  await checkFolder(path, hash, resume);
  const environmentFile = join(path, 'environment.json');
  const processes = existsSync(environmentFile) ? (JSON.parse(readFileSync(environmentFile, 'utf8')) as unknown[]) : [];
  await saveJson(join(path, 'config.json'), config);
  await saveJson(environmentFile, [...processes, describeEnvironment(eager)]);
  const logs = openLogs(path);
  return {
    path,
    checkpoints: {
      store: checkpointFolder(join(path, 'checkpoints'), { onWarning }),
      resume,
      configHash: hash,
      ...(checkpointEverySteps !== undefined && { everySteps: checkpointEverySteps }),
    },
    observer: { ...logs.observer, onWarning },
    writeResults: (results) => writeResults(path, results),
    close: logs.close,
  };
}

async function checkFolder(path: string, hash: string, resume: boolean): Promise<void> {
  const configFile = join(path, 'config.json');
  const occupied = (await readdir(path)).length > 0;
  if (occupied && !resume) {
    throw new OptionError({
      where: 'openRunFolder',
      argument: 'path',
      expected: 'a new or empty folder',
      received: path,
      hint: 'Set `resume` to go on with the run in it.',
    });
  }
  if (!existsSync(configFile)) return;
  const stored = configHash(JSON.parse(readFileSync(configFile, 'utf8')));
  if (stored === hash) return;
  throw new OptionError({
    where: 'openRunFolder',
    argument: 'options.config',
    expected: `the one the run in ${path} was started with (hash ${stored.slice(0, 12)})`,
    received: `another one (hash ${hash.slice(0, 12)})`,
    hint: 'Start a new run for a new configuration.',
  });
}

/** The logs are opened when the run says where it starts, since they are cut there. */
function openLogs(path: string): { observer: Observer; close(): void } {
  let metrics: MetricsLog | undefined;
  let events: EventWriter | undefined;
  return {
    observer: {
      async onStart({ from }) {
        metrics = await MetricsLog.open(join(path, 'metrics.jsonl'), from.step);
        events = new EventWriter(path, from.step);
      },
      onStep(report) {
        const { step, loss, terms, learningRateFactor, gradientNorm } = report;
        metrics?.write({ kind: 'step', ...report });
        events?.scalars(step, {
          'train/loss': loss,
          ...withPrefix('train', terms),
          'train/learningRateFactor': learningRateFactor,
          ...(gradientNorm !== undefined && { 'train/gradientNorm': gradientNorm }),
        });
      },
      onEpoch(report) {
        metrics?.write({ kind: 'epoch', ...report });
        events?.scalars(report.step, { 'epoch/loss': report.loss, ...withPrefix('validation', report.metrics ?? {}) });
      },
    },
    close() {
      metrics?.close();
      events?.close();
      metrics = undefined;
      events = undefined;
    },
  };
}

function withPrefix(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
}

async function writeResults(path: string, { result, task, scores, summary = {} }: RunResults): Promise<void> {
  const shape = [scores.rows, scores.columns];
  const { present, known } = scores;
  const predictions = new Map<string, HostTensor>([
    ['scores', { dtype: 'F32', shape, data: scores.scores }],
    ['present', { dtype: 'U8', shape, data: present }],
  ]);
  if (known) predictions.set('known', { dtype: 'U8', shape, data: known });
  await saveTensors(join(path, 'predictions.safetensors'), predictions);
  const { classes, statistics } = task;
  await saveJson(
    join(path, 'per-class.json'),
    perClassReport(scores, { classes, classCounts: statistics.classCounts }),
  );
  await saveJson(join(path, 'summary.json'), { ...summary, ...result });
}
