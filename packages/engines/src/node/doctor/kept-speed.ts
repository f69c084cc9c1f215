import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, writeFileAtomically } from '@ltml/tensor/node';
import type { Candidate } from '../candidates.ts';
import { inChild } from '../in-child.ts';
import { startCandidate } from '../start.ts';
import { candidateKey } from '../verdicts.ts';
import { measureTraining, type TrainingSpeed } from './training-speed.ts';

/** A measurement of training speed, with its date. */
export interface TrainingRecord extends TrainingSpeed {
  /** ISO date of the measurement. */
  readonly day: string;
  /** Whether it was measured now, not read from the cache folder. */
  readonly isNew: boolean;
}

/** Measures training on an engine in another process and stores the result; undefined if that process fails. */
export async function measureAndKeep(candidate: Candidate): Promise<TrainingRecord | undefined> {
  const result = await inChild<TrainingSpeed>('measureCandidateTraining', candidate, 120);
  if (!('value' in result)) return undefined;
  const record = { ...result.value, day: new Date().toISOString().slice(0, 10) };
  try {
    await mkdir(join(cacheFolder(), 'speeds'), { recursive: true });
    await writeFileAtomically(recordFile(candidate), [JSON.stringify(record)]);
  } catch {
    // If the cache is read-only, the next call measures again.
  }
  return { ...record, isNew: true };
}

/** The last stored measurement of an engine on this machine; undefined if there is none. */
export async function recallTraining(candidate: Candidate): Promise<TrainingRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordFile(candidate), 'utf8')) as Omit<TrainingRecord, 'isNew'>;
    return { ...record, isNew: false };
  } catch {
    return undefined;
  }
}

/** Starts an engine in this process and measures training on it. */
export async function measureCandidateTraining(candidate: Candidate): Promise<TrainingSpeed> {
  await startCandidate(candidate);
  return await measureTraining();
}

/** The file of a measurement. There is one for each setting of LTML_CPU and LTML_THREADS. */
function recordFile(candidate: Candidate): string {
  const { LTML_CPU, LTML_THREADS } = process.env;
  const settings = [LTML_CPU, LTML_THREADS].map((value) => value || 'all').join('-');
  return join(cacheFolder(), 'speeds', `${candidateKey(candidate)}-${settings}.json`);
}
