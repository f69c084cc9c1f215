import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { perClassReport, type Scores } from '@ltml/metrics';
import { checkCount, checkFlag, checkOptionNames, DataError, type HostTensor, OptionError } from '@ltml/tensor';
import type { Task } from '@ltml/tensor/contract';
import type { CheckpointStore } from '../checkpoint.ts';
import type { CheckpointOptions, FitResult } from '../fit.ts';
import type { Observer } from '../observer.ts';
import { checkpointFolder, removeOld } from './checkpoint-folder.ts';
import { configDifference } from './config-difference.ts';
import { configHash } from './config-hash.ts';
import { describeEnvironment } from './environment.ts';
import { MetricsLog } from './metrics-log.ts';
import { isLock, RunLock } from './run-lock.ts';
import { readingError, saveJson, saveTensors, saving } from './save-file.ts';
import { cutTornRecords, EventWriter } from './tensorboard.ts';

export interface RunFolderOptions {
  /** The configuration with all defaults filled in; plain JSON. */
  readonly config: unknown;
  /** Go on with the run in the folder, or begin it if there is none; default false, which wants a new or empty folder. */
  readonly resume?: boolean;
  /** Whether the run does without compiled steps, for the record of its environment; default false. */
  readonly eager?: boolean;
  /** Refuse to go on with what another engine computed; see `CheckpointOptions`. Default false, which warns. */
  readonly sameEngine?: boolean;
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
  /** Closes the logs and gives the folder back; one in which no training began is as it was before. */
  close(): Promise<void>;
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
 * Every file but the growing logs is written in full or not at all. Nothing is written before training begins, so build
 * what is trained first: a run that is refused leaves no folder. One process at a time works in a folder (`run.<n>.lock`
 * names it); what a dead one left half-written is cleared. A folder that is moved or deleted while the run goes on ends it.
 *
 * @throws OptionError if the folder holds a run and `resume` is not set, or a run of another configuration, naming the
 *   entries that differ
 * @throws DataError if the folder can't be made, another process works in it, or a file of it is broken, naming the file
 */
export async function openRunFolder(path: string, options: RunFolderOptions): Promise<RunFolder> {
  const { config, resume, eager, sameEngine, checkpointEverySteps, onWarning } = withDefaults(options);
  const hash = configHash(config);
  const made = await makeFolder(path);
  let lock: RunLock | undefined;
  /** Gives back what was taken; with `untouched`, also what was made. */
  const leave = async (untouched: boolean): Promise<void> => {
    lock?.release();
    if (untouched) await removeEmpty(path, made);
  };
  let processes: readonly unknown[];
  try {
    lock = RunLock.take(path);
    await checkFolder(path, config, resume);
    processes = readEnvironments(join(path, 'environment.json'));
    await sweep(path);
  } catch (error) {
    await leave(true);
    throw error;
  }
  const held = lock;
  let begun = false;
  /** Before anything is written: claims the folder at the first time, and makes sure that it still is ours. */
  const claim = async (): Promise<void> => {
    held.check();
    if (begun) return;
    begun = true;
    await saveJson(join(path, 'config.json'), config);
    await saveJson(join(path, 'environment.json'), [...processes, describeEnvironment(eager)]);
    // It stands for a finished run, and this one goes on.
    await saving(path, rm(join(path, 'summary.json'), { force: true }));
  };
  const logs = openLogs(path, claim, onWarning);
  return {
    path,
    checkpoints: {
      store: claimedStore(join(path, 'checkpoints'), claim, onWarning),
      resume,
      sameEngine,
      configHash: hash,
      ...(checkpointEverySteps !== undefined && { everySteps: checkpointEverySteps }),
    },
    observer: { ...logs.observer, onWarning },
    async writeResults(results) {
      await claim();
      await writeResults(path, results);
    },
    async close() {
      logs.close();
      await leave(!begun);
    },
  };
}

function withDefaults(
  options: RunFolderOptions,
): Required<Omit<RunFolderOptions, 'checkpointEverySteps'>> & Pick<RunFolderOptions, 'checkpointEverySteps'> {
  const where = 'openRunFolder';
  checkOptionNames(where, options, ['config', 'resume', 'eager', 'sameEngine', 'checkpointEverySteps', 'onWarning']);
  const { resume = false, eager = false, sameEngine = false, onWarning = console.warn } = options;
  for (const [name, value] of Object.entries({ resume, eager, sameEngine })) checkFlag(where, `options.${name}`, value);
  const { checkpointEverySteps } = options;
  if (checkpointEverySteps !== undefined) checkCount(where, 'options.checkpointEverySteps', checkpointEverySteps);
  return { ...options, resume, eager, sameEngine, onWarning };
}

/** Makes a folder where there is none; gives the outermost that was made. */
async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new DataError({
      where: 'openRunFolder',
      argument: 'path',
      expected: 'a folder, or one that can be made',
      received: `${path}: ${(cause as Error).message}`,
      cause,
    });
  }
}

/** Removes a folder and those around it up to one that was made for it, as far as they are empty. */
async function removeEmpty(path: string, outermost: string | undefined): Promise<void> {
  if (outermost === undefined) return;
  try {
    for (let at = resolve(path); at.startsWith(resolve(outermost)); at = dirname(at)) await rmdir(at);
  } catch {
    // Somebody else has put something there.
  }
}

async function checkFolder(path: string, config: unknown, resume: boolean): Promise<void> {
  const names = await readdir(path);
  if (!resume && names.some((name) => !isLock(name) && !isTemporary(name))) {
    throw new OptionError({
      where: 'openRunFolder',
      argument: 'path',
      expected: 'a new or empty folder',
      received: path,
      hint: 'Set `resume` to go on with the run in it.',
    });
  }
  const stored = readJson(join(path, 'config.json'));
  if (stored === undefined) return;
  // As it would come back from the file.
  const current = JSON.parse(JSON.stringify(config)) as unknown;
  if (configHash(stored) === configHash(current)) return;
  throw new OptionError({
    where: 'openRunFolder',
    argument: 'options.config',
    expected: `the one the run in ${path} was started with`,
    received: `another one (${configDifference(stored, current)})`,
    hint: 'Start a new run for a new configuration.',
  });
}

/** The entries of earlier processes. */
function readEnvironments(path: string): readonly unknown[] {
  const value = readJson(path) ?? [];
  if (Array.isArray(value)) return value;
  throw brokenJson(path, `${JSON.stringify(value).slice(0, 60)}, which is no list`);
}

/** What a JSON file holds; nothing if there is none. */
function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw readingError('openRunFolder', path, cause);
  }
  try {
    const value = JSON.parse(text) as unknown;
    // What is nested too deep to be written again is of no use.
    JSON.stringify(value);
    return value;
  } catch (cause) {
    throw brokenJson(path, (cause as Error).message, cause);
  }
}

function brokenJson(path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where: 'openRunFolder',
    argument: path,
    expected: 'JSON as a run writes it',
    received,
    hint: 'The file was altered or cut off: put it back, or remove it to go on without what it tells.',
    cause,
  });
}

/** Whether a file is one that a process writes to before it gives it its name. */
function isTemporary(name: string): boolean {
  return /\.[0-9a-f]{8}\.tmp$/.test(name);
}

/** Clears what processes left half-written. They are dead, for this one holds the lock. */
async function sweep(path: string): Promise<void> {
  for (const folder of [path, join(path, 'checkpoints')]) {
    const names = existsSync(folder) ? await saving(folder, readdir(folder)) : [];
    for (const name of names.filter(isTemporary)) await saving(folder, rm(join(folder, name), { force: true }));
  }
}

/** The checkpoints of a run that has its folder to itself. */
function claimedStore(
  folder: string,
  claim: () => Promise<void>,
  onWarning: (message: string) => void,
): CheckpointStore {
  let passedOver = false;
  const store = checkpointFolder(folder, {
    onWarning(message) {
      passedOver = true;
      onWarning(message);
    },
  });
  return {
    ...store,
    async load() {
      const checkpoint = await store.load();
      // A kill may have come between the newest and the removal of the oldest.
      if (checkpoint && !passedOver) await saving(folder, removeOld(folder, checkpoint.state.cursor?.step));
      return checkpoint;
    },
    async save(checkpoint) {
      await claim();
      await store.save(checkpoint);
    },
    async saveBest(best) {
      await claim();
      await store.saveBest(best);
    },
  };
}

/** The logs are opened when the run says where it starts, since they are cut there. */
function openLogs(
  path: string,
  claim: () => Promise<void>,
  onWarning: (message: string) => void,
): { observer: Observer; close(): void } {
  let metrics: MetricsLog | undefined;
  let events: EventWriter | undefined;
  return {
    observer: {
      async onStart({ from }) {
        await claim();
        const file = join(path, 'metrics.jsonl');
        metrics = await MetricsLog.open(file, from.step);
        if (metrics.steps !== from.step) {
          onWarning(`${file} tells of ${metrics.steps} of the ${from.step} steps so far: lines of it are lost`);
        }
        cutTornRecords(path);
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
