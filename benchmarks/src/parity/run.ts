import { LtmlError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { MissingFile, type ParityAdapter, type ParityAdapters } from '../../../packages/tensor/parity/adapter.ts';
import { compareOutput } from './compare.ts';
import { type ParityCase, readIndex } from './index-file.ts';
import { asInputs, type FileCache, readStored } from './stored.ts';

/** Result of a parity case. */
export interface ParityResult {
  readonly part: string;
  readonly function: string;
  readonly name: string;
  /** `skipped`: there is no adapter for the function, or the case needs a file that is not available. */
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What is wrong, one line per problem. Empty unless the case failed. */
  readonly problems: readonly string[];
  /** Why a case of an implemented function was skipped. */
  readonly reason?: string;
}

/**
 * Runs every case of the given folders with the adapter of its function, and compares every output.
 *
 * @param folders folders with an `index.json`
 * @throws DataError if a folder, an index or a file named in it is missing or invalid. An error inside a case does not
 *   throw; it gives a failed result
 */
export async function runParity(folders: readonly string[], adapters: ParityAdapters): Promise<ParityResult[]> {
  const cases = folders.flatMap(readIndex);
  const files: FileCache = new Map();
  const results: ParityResult[] = [];
  for (const parityCase of cases) results.push(await runCase(parityCase, adapters, files));
  return results;
}

/** Runs one case. */
export async function runCase(
  parityCase: ParityCase,
  adapters: ParityAdapters,
  files: FileCache = new Map(),
): Promise<ParityResult> {
  const { part, function: name } = parityCase;
  const key = [`${part}/${name}`, name].find((candidate) => Object.hasOwn(adapters, candidate));
  const identity = { part, function: name, name: parityCase.name };
  if (key === undefined) return { ...identity, status: 'skipped', problems: [] };
  try {
    const problems = await findProblems(parityCase, adapters[key], files);
    return { ...identity, status: problems.length > 0 ? 'failed' : 'passed', problems };
  } catch (error) {
    if (error instanceof MissingFile) return { ...identity, status: 'skipped', problems: [], reason: error.message };
    const message = LtmlError.is(error) ? error.message : String(error);
    return { ...identity, status: 'failed', problems: [message] };
  }
}

async function findProblems(parityCase: ParityCase, adapter: ParityAdapter, files: FileCache): Promise<string[]> {
  // The scope disposes inputs and outputs of the adapter, also after an exception.
  tf.engine().startScope('parity');
  try {
    const stored = readStored(parityCase, files);
    const outputs = parityCase.outputs.flatMap((pattern) => stored.match(pattern));
    const actual = await adapter(asInputs(parityCase, stored));
    const names = outputs.length > 0 ? outputs : Object.keys(actual);
    if (names.length === 0) return ['the adapter returned nothing to compare'];
    const problems: string[] = [];
    for (const name of names) {
      const problem = await compareOutput(parityCase, stored, name, actual[name]);
      if (problem) problems.push(problem);
    }
    return problems;
  } finally {
    tf.engine().endScope();
  }
}
