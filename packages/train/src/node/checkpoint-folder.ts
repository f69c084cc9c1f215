import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCount, checkOptionNames, DataError, type HostTensor, LtmlError } from '@ltml/tensor';
import { readSafetensorsFile } from '@ltml/tensor/node';
import type { BestWeights, Checkpoint, CheckpointStore } from '../checkpoint.ts';
import { type CheckpointState, parseState, stateAsText } from '../checkpoint-state.ts';
import { readingError, saveTensors, saving } from './save-file.ts';

export interface CheckpointFolderOptions {
  /** Checkpoints that are kept, so that one broken file does not end a run; default 2. */
  readonly keep?: number;
  /**
   * Go back to an older checkpoint where the newest is broken, and tell of each that is passed over. Left out, a broken
   * one is an error: whoever asks for the newest weights must not get others.
   */
  readonly onWarning?: (message: string) => void;
}

/**
 * Keeps checkpoints as safetensors files: `checkpoint-<step>.safetensors`, newest last, and `best.safetensors` with the
 * plain weights. What is no tensor, and a SHA-256 of everything, stand in the file's metadata.
 *
 * A file appears in full or not at all, and an older one is removed only after that; so is one of a later step, which
 * the run is about to compute again. The folder is made at the first save and never again: a run whose folder is taken
 * away ends.
 *
 * @throws DataError naming the file that is broken, or that can't be read or written
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
          onWarning(`passing over a broken checkpoint, ${problems.at(-1)}`);
        }
      }
      if (problems.length === 0) return undefined;
      throw new DataError({
        where: 'checkpointFolder',
        argument: folder,
        expected: 'a folder with at least one sound checkpoint',
        received: `only broken ones: ${problems.join('; ')}`,
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
 * Removes all checkpoints but the one of a step and the newest before it.
 *
 * @param keep how many are left
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

/** Metadata that tell whether a file is as it was written. */
function sealed(tensors: ReadonlyMap<string, HostTensor>, state: string): Record<string, string> {
  return { state, sha256: digest(tensors, state) };
}

/** Tensors and state of a file that is as it was written. */
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
  if (actual !== sha256) throw broken(where, path, `the SHA-256 ${actual} where it says ${sha256}`);
  try {
    return { tensors, state: parseState(state) };
  } catch (cause) {
    throw broken(where, path, `a state that is no JSON (${(cause as Error).message})`, cause);
  }
}

function broken(where: string, path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where,
    argument: path,
    expected: 'intact',
    received,
    hint: 'The file was altered or cut off after it was written.',
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

/** By rising step. */
async function checkpointNames(folder: string): Promise<string[]> {
  const stepOf = (name: string): number => Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? -1);
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => stepOf(name) >= 0).sort((a, b) => stepOf(a) - stepOf(b));
}
