import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, type HostTensor } from '@ltml/tensor';
import { SafetensorsFile } from '@ltml/tensor/node';
import type { Checkpoint, CheckpointState, CheckpointStore } from '../checkpoint.ts';
import { saveTensors } from './save-file.ts';

export interface CheckpointFolderOptions {
  /** Checkpoints that are kept, so that one broken file does not end a run; default 2. */
  readonly keep?: number;
  /** Told of each broken checkpoint that is passed over. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Keeps checkpoints as safetensors files: `checkpoint-<step>.safetensors`, newest last, and `best.safetensors` with the
 * plain weights. The state that is no tensor, and a SHA-256 of everything, stand in the file's metadata.
 *
 * A file appears in full or not at all, and an older one is removed only after that.
 */
export function checkpointFolder(folder: string, options: CheckpointFolderOptions = {}): CheckpointStore {
  const { keep = 2, onWarning } = options;
  const best = join(folder, 'best.safetensors');
  return {
    async save({ tensors, state }) {
      await mkdir(folder, { recursive: true });
      const text = JSON.stringify(state);
      const metadata = { state: text, sha256: digest(tensors, text) };
      const name = `checkpoint-${String(state.cursor.step).padStart(8, '0')}.safetensors`;
      await saveTensors(join(folder, name), tensors, metadata);
      await removeOld(folder, keep);
    },
    async load() {
      const names = await checkpointNames(folder);
      const problems: string[] = [];
      for (const name of names.toReversed()) {
        try {
          return await readCheckpoint(join(folder, name));
        } catch (error) {
          problems.push(`${name}: ${(error as Error).message}`);
          onWarning?.(`passing over a broken checkpoint, ${problems.at(-1)}`);
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
    async saveBest(weights) {
      await mkdir(folder, { recursive: true });
      await saveTensors(best, weights);
    },
    async loadBest() {
      return existsSync(best) ? (await readTensors(best)).tensors : undefined;
    },
  };
}

/** Reads one checkpoint. @throws DataError if it is truncated or altered */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readTensors(path);
  const { state = '', sha256 = 'none' } = metadata;
  const actual = digest(tensors, state);
  if (actual !== sha256) {
    throw new DataError({
      where: 'readCheckpoint',
      argument: path,
      expected: `intact, with SHA-256 ${sha256}`,
      received: actual,
      hint: 'The file was altered after it was written.',
    });
  }
  return { tensors, state: JSON.parse(state) as CheckpointState };
}

async function readTensors(path: string): Promise<{
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  const file = await SafetensorsFile.open(path);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const name of file.names) tensors.set(name, await file.read(name));
    return { tensors, metadata: file.metadata };
  } finally {
    await file.close();
  }
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

/** By rising step. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => /^checkpoint-\d+\.safetensors$/.test(name)).sort();
}

/** Removes all but the newest checkpoints, and what an earlier kill left half-written. */
async function removeOld(folder: string, keep: number): Promise<void> {
  const names = await checkpointNames(folder);
  const halfWritten = (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
  for (const name of [...names.slice(0, -keep), ...halfWritten]) await rm(join(folder, name), { force: true });
}
