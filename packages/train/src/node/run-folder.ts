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

/** Options of {@link openRunFolder}. */
export interface RunFolderOptions {
  /** The configuration with all defaults filled in, as plain JSON. */
  readonly config: unknown;
  /** Continue the run in the folder, or start it if there is none. Default false: the folder must be new or empty. */
  readonly resume?: boolean;
  /** Whether the run does not compile steps; only recorded in `environment.json`. Default false. */
  readonly eager?: boolean;
  /**
   * Versions of other software that can change the results, e.g. image decoders; only recorded in `environment.json`.
   */
  readonly versions?: Readonly<Record<string, string>>;
  /** Refuse to continue a run of another engine; see `CheckpointOptions`. Default false, which only warns. */
  readonly sameEngine?: boolean;
  /** Optimiser steps between checkpoints, in addition to the one after each epoch. */
  readonly checkpointEverySteps?: number;
  /** Called for problems that do not stop the run; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
}

/** A run folder, open for a run. */
export interface RunFolder {
  readonly path: string;
  /** Option `checkpoints` of `fit`. */
  readonly checkpoints: CheckpointOptions;
  /** Observer for `fit` that writes the logs. */
  readonly observer: Observer;
  /** Writes predictions, per-class average precision and the summary. */
  writeResults(results: RunResults): Promise<void>;
  /** Closes the logs and unlocks the folder. If no training began, the folder is left as it was before. */
  close(): Promise<void>;
}

/**
 * Opens the folder of a run.
 *
 * | file | content |
 * |---|---|
 * | `config.json` | the resolved configuration |
 * | `environment.json` | versions, engine, machine; one entry for each process that worked on the run |
 * | `metrics.jsonl` | one line for each step and epoch |
 * | `events.out.tfevents.…` | the same for TensorBoard |
 * | `checkpoints/` | the newest checkpoints and the best weights |
 * | `predictions.safetensors` | `scores`, `present` and, if some labels are unknown, `known`, each [N, C]; `unseen.scores` …, each [N, U], of classes without training images |
 * | `per-class.json` | name, training images, group and average precision of each class |
 * | `summary.json` | how the run ended, and entries of the caller; written last: if it exists, the run has finished |
 *
 * All files except the growing logs are written all or nothing. Nothing is written before training begins. So build
 * learner and data first: a run that is refused then leaves no folder. Only one process at a time can use a folder;
 * `run.<n>.lock` names it. Unfinished files of a dead process are deleted. If the folder is moved or deleted during the
 * run, the run ends with an error.
 *
 * @throws OptionError if the folder holds a run and `resume` is not set
 * @throws OptionError if the run in the folder has another configuration, naming the entries that differ
 * @throws DataError if the folder can't be made, another process uses it, or a file in it is damaged, naming the file
 */
export async function openRunFolder(path: string, options: RunFolderOptions): Promise<RunFolder> {
  const { config, resume, eager, versions, sameEngine, checkpointEverySteps, onWarning } = withDefaults(options);
  const hash = configHash(config);
  const made = await makeFolder(path);
  let lock: RunLock | undefined;
  /** Unlocks the folder; with `untouched` also deletes the folders that were made. */
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
  /**
   * Called before each write. The first call writes the first files; all calls check that the folder still belongs to
   * this run.
   */
  const claim = async (): Promise<void> => {
    held.check();
    if (begun) return;
    begun = true;
    await saveJson(join(path, 'config.json'), config);
    await saveJson(join(path, 'environment.json'), [...processes, describeEnvironment(eager, versions)]);
    // `summary.json` means that the run has finished, but it continues.
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

/** The entries of earlier processes in `environment.json`. */
function readEnvironments(path: string): readonly unknown[] {
  const value = readJson(path) ?? [];
  if (Array.isArray(value)) return value;
  throw brokenJson(path, `${JSON.stringify(value).slice(0, 60)}, which is not a list`);
}
