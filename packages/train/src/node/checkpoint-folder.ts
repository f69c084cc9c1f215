import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCount, checkOptionNames, DataError, type HostTensor, LtmlError } from '@ltml/tensor';
import { readSafetensorsFile } from '@ltml/tensor/node';
import type { BestWeights, Checkpoint, CheckpointStore } from '../checkpoint.ts';
import { type CheckpointState, parseState, stateAsText } from '../checkpoint-state.ts';
import { readingError, saveTensors, saving } from './save-file.ts';

/** Options of {@link checkpointFolder}. */
export interface CheckpointFolderOptions {
  /** Number of checkpoints to keep, so that one damaged file does not end a run; default 2. */
  readonly keep?: number;
  /**
   * If the newest checkpoint is damaged, load an older one, and call this for each that is skipped. Left out: a damaged
   * checkpoint is an error, since a caller who wants the newest weights should not get others.
   */
  readonly onWarning?: (message: string) => void;
}

/**
 * Stores checkpoints as safetensors files: `checkpoint-<step>.safetensors`, and `best.safetensors` with the best
 * weights. The file's metadata has the rest of the state, and a SHA-256 of everything.
 *
 * Files are written all or nothing. Older checkpoints are deleted only after that, and so are checkpoints of later
 * steps, which the run will compute again. The folder is made at the first save and not again: a run whose folder is
 * moved or deleted ends with an error.
 *
 * @throws DataError naming a file that is damaged, or can't be read or written
 */
export function checkpointFolder(folder: string, options: CheckpointFolderOptions = {}): CheckpointStore {
  checkOptionNames('checkpointFolder', options, ['keep', 'onWarning']);
  const { keep = 2, onWarning } = options;
  checkCount('checkpointFolder', 'options.keep', keep);
  const bestFile = join(folder, 'best.safetensors');
  let made = false;
  const make = async (): Promise<void> => {
    if (!made) await saving(folder, mkdir(folder, { recursive: true }));
    made = true;
  };
  return {
    async save({ tensors, state }) {
      await make();
      const { step } = state.cursor;
      await saveTensors(join(folder, checkpointName(step)), tensors, sealed(tensors, stateAsText(state)));
      await saving(folder, removeOld(folder, step, keep));
    },
    async load() {
      const names = await checkpointNames(folder).catch((cause: unknown) => {
        throw readingError('checkpointFolder', folder, cause);
      });
      const problems: string[] = [];
      for (const name of names.toReversed()) {
        try {
          return await readCheckpoint(join(folder, name));
        } catch (error) {
          if (!LtmlError.is(error) || !onWarning) throw error;
          problems.push(`${name}: ${error.message}`);
          onWarning(`skipping a damaged checkpoint: ${problems.at(-1)}`);
        }
      }
      if (problems.length === 0) return undefined;
      throw new DataError({
        where: 'checkpointFolder',
        argument: folder,
        expected: 'a folder with at least one intact checkpoint',
        received: `only damaged ones: ${problems.join('; ')}`,
      });
    },
    async saveBest({ step, weights }) {
      await make();
      await saveTensors(bestFile, weights, sealed(weights, JSON.stringify({ step })));
    },
    async loadBest() {
      return existsSync(bestFile) ? readBest(bestFile) : undefined;
    },
  };
}

/**
 * Deletes all checkpoints except that of a step and the newest ones before it.
 *
 * @param keep number of checkpoints to keep
 */
export async function removeOld(folder: string, step: number, keep: number = 2): Promise<void> {
  const newest = checkpointName(step);
  const names = await checkpointNames(folder);
  if (!names.includes(newest)) return;
  const kept = names.slice(0, names.indexOf(newest) + 1).slice(-keep);
  for (const name of names) if (!kept.includes(name)) await rm(join(folder, name), { force: true });
}

/** Reads one checkpoint. @throws DataError if it is truncated or altered */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const where = 'readCheckpoint';
  const { tensors, state } = await readSealed(where, path);
  if (!isObject(state) || !('version' in state)) throw broken(where, path, 'weights without the state of a run');
  return { tensors, state: state as unknown as CheckpointState };
}

async function readBest(path: string): Promise<BestWeights> {
  const { tensors, state } = await readSealed('checkpointFolder', path);
  return { step: Number(isObject(state) ? state.step : undefined), weights: tensors };
}

/** Metadata that show whether a file is unchanged. */
function sealed(tensors: ReadonlyMap<string, HostTensor>, state: string): Record<string, string> {
  return { state, sha256: digest(tensors, state) };
}

/** Reads tensors and state, and checks that the file is unchanged. */
async function readSealed(
  where: string,
  path: string,
): Promise<{ readonly tensors: ReadonlyMap<string, HostTensor>; readonly state: unknown }> {
  const { tensors, metadata } = await readSafetensorsFile(path).catch((cause: unknown) => {
    const error = readingError(where, path, cause);
    throw error === cause ? broken(where, path, (cause as Error).message, cause) : error;
  });
  const { state = '', sha256 = 'none' } = metadata;
  const actual = digest(tensors, state);
  if (actual !== sha256) throw broken(where, path, `the SHA-256 ${actual} instead of ${sha256}`);
  try {
    return { tensors, state: parseState(state) };
  } catch (cause) {
    throw broken(where, path, `a state that is not JSON (${(cause as Error).message})`, cause);
  }
}

function broken(where: string, path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where,
    argument: path,
    expected: 'intact',
    received,
    hint: 'The file was altered or truncated after it was written.',
    cause,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of names, types, shapes and bytes in the order of the names, and of the state. */
function digest(tensors: ReadonlyMap<string, HostTensor>, state: string): string {
  const hash = createHash('sha256').update(state);
  for (const name of [...tensors.keys()].sort()) {
    const { dtype, shape, data } = tensors.get(name) as HostTensor;
    hash.update(`\n${name} ${dtype} ${shape}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

function checkpointName(step: number): string {
  return `checkpoint-${String(step).padStart(8, '0')}.safetensors`;
}

/** Names of checkpoints, by increasing step. */
async function checkpointNames(folder: string): Promise<string[]> {
  const stepOf = (name: string): number => Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? -1);
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => stepOf(name) >= 0).sort((a, b) => stepOf(a) - stepOf(b));
}
