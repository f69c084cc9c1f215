import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, writeFileAtomically } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import type { Candidate } from './candidates.ts';
import { inChild } from './in-child.ts';
import type { Verdict } from './start.ts';

/** Tests an engine in another process, and stores the verdict for this machine and these versions. */
export async function proveCandidate(candidate: Candidate): Promise<Verdict> {
  const result = await inChild<Verdict>('tryCandidate', candidate);
  const verdict: Verdict =
    'value' in result
      ? result.value
      : { works: false, reason: result.failure, remedy: 'Use another engine, or install this one again' };
  await remember(candidate, verdict);
  return verdict;
}

/** The stored verdict of the last test on this machine; undefined if something relevant has changed since. */
export async function recallVerdict(candidate: Candidate): Promise<Verdict | undefined> {
  try {
    return JSON.parse(await readFile(verdictFile(candidate), 'utf8')) as Verdict;
  } catch {
    return undefined;
  }
}

async function remember(candidate: Candidate, verdict: Verdict): Promise<void> {
  try {
    await mkdir(join(cacheFolder(), 'verdicts'), { recursive: true });
    await writeFileAtomically(verdictFile(candidate), [JSON.stringify(verdict)]);
  } catch {
    // If the cache is read-only, the engine is tested at every start.
  }
}

function verdictFile(candidate: Candidate): string {
  return join(cacheFolder(), 'verdicts', `${candidateKey(candidate)}.json`);
}

/** A key for stored findings about an engine on this machine, with these versions. */
export function candidateKey(candidate: Candidate): string {
  const key = createHash('sha256').update(JSON.stringify([candidate, stamp(candidate.addon), machine()]));
  return `${candidate.name}-${key.digest('hex').slice(0, 16)}`;
}

/** Everything that an engine's verdict depends on, except the addon. */
function machine(): unknown[] {
  const { CUDA_VISIBLE_DEVICES, LD_LIBRARY_PATH, VK_ICD_FILENAMES, VK_DRIVER_FILES, DISPLAY } = process.env;
  const environment = [CUDA_VISIBLE_DEVICES, LD_LIBRARY_PATH, VK_ICD_FILENAMES, VK_DRIVER_FILES, DISPLAY];
  const driver = '/proc/driver/nvidia/version';
  return [
    [process.platform, process.arch, process.version, cpus()[0]?.model, tf.version_core],
    environment,
    existsSync(driver) ? readFileSync(driver, 'utf8') : '',
  ];
}

function stamp(file: string | undefined): unknown {
  if (!file || !existsSync(file)) return undefined;
  const { mtimeMs, size } = statSync(file);
  return [mtimeMs, size];
}
