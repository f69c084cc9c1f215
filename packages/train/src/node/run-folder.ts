import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCount, checkFlag, checkOptionNames } from '@ltml/tensor';
import type { CheckpointOptions } from '../fit-options.ts';
import type { Observer } from '../observer.ts';
import { claimedStore } from './claimed-store.ts';
import { configHash } from './config-hash.ts';
import { describeEnvironment } from './environment.ts';
import { brokenJson, readJson } from './read-json.ts';
import { RunLock } from './run-lock.ts';
import { openLogs } from './run-logs.ts';
import { checkFolder, makeFolder, removeEmpty, sweep } from './run-place.ts';
import { type RunResults, writeResults } from './run-results.ts';
import { saveJson, saving } from './save-file.ts';

export interface RunFolderOptions {
  /** The configuration with all defaults filled in; plain JSON. */
  readonly config: unknown;
  /** Go on with the run in the folder, or begin it if there is none; default false, which wants a new or empty folder. */
  readonly resume?: boolean;
  /** Whether the run does without compiled steps, for the record of its environment; default false. */
  readonly eager?: boolean;
  /** Versions of what else decides what the run computes, e.g. of what decodes its pictures; for the same record. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Refuse to go on with what another engine computed; see `CheckpointOptions`. Default false, which warns. */
  readonly sameEngine?: boolean;
  /** Optimiser steps from one checkpoint to the next, besides the one after each epoch. */
  readonly checkpointEverySteps?: number;
  /** Told of what is wrong and does not stop the run; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
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
 * | `predictions.safetensors` | `scores`, `present` and, where not everything is, `known`, all [N, C]; `unseen.scores` …, [N, U], of the classes that no training image shows |
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
  const { config, resume, eager, versions, sameEngine, checkpointEverySteps, onWarning } = withDefaults(options);
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
    await saveJson(join(path, 'environment.json'), [...processes, describeEnvironment(eager, versions)]);
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

const optionNames = ['config', 'resume', 'eager', 'versions', 'sameEngine', 'checkpointEverySteps', 'onWarning'];

function withDefaults(
  options: RunFolderOptions,
): Required<Omit<RunFolderOptions, 'checkpointEverySteps'>> & Pick<RunFolderOptions, 'checkpointEverySteps'> {
  const where = 'openRunFolder';
  checkOptionNames(where, options, optionNames);
  const { resume = false, eager = false, versions = {}, sameEngine = false, onWarning = console.warn } = options;
  for (const [name, value] of Object.entries({ resume, eager, sameEngine })) checkFlag(where, `options.${name}`, value);
  const { checkpointEverySteps } = options;
  if (checkpointEverySteps !== undefined) checkCount(where, 'options.checkpointEverySteps', checkpointEverySteps);
  return { ...options, resume, eager, versions, sameEngine, onWarning };
}

/** The entries of earlier processes. */
function readEnvironments(path: string): readonly unknown[] {
  const value = readJson(path) ?? [];
  if (Array.isArray(value)) return value;
  throw brokenJson(path, `${JSON.stringify(value).slice(0, 60)}, which is no list`);
}
