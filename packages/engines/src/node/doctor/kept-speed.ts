import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, writeFileAtomically } from '@ltml/tensor/node';
import type { Candidate } from '../candidates.ts';
import { inChild } from '../in-child.ts';
import { startCandidate } from '../start.ts';
import { candidateKey } from '../verdicts.ts';
import { measureTraining, type TrainingSpeed } from './training-speed.ts';

/** A measurement of training, with its day. */
export interface TrainingRecord extends TrainingSpeed {
  /** ISO date. */
  readonly day: string;
  /** Whether it was taken just now, and not read from the cache folder. */
  readonly isNew: boolean;
}

/** Measures training on an engine in a process of its own, and keeps the result; undefined if the process fails. */
export async function measureAndKeep(candidate: Candidate): Promise<TrainingRecord | undefined> {
  const result = await inChild<TrainingSpeed>('measureCandidateTraining', candidate, 120);
  if (!('value' in result)) return undefined;
  const record = { ...result.value, day: new Date().toISOString().slice(0, 10) };
  try {
    await mkdir(join(cacheFolder(), 'speeds'), { recursive: true });
    await writeFileAtomically(recordFile(candidate), [JSON.stringify(record)]);
  } catch {
    // A read-only cache costs a measurement the next time.
  }
  return { ...record, isNew: true };
}

/** The last measurement of this engine on this machine. */
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

/** A record for each way to compute, too. */
function recordFile(candidate: Candidate): string {
  const { LTML_CPU, LTML_THREADS } = process.env;
  const settings = [LTML_CPU, LTML_THREADS].map((value) => value || 'all').join('-');
  return join(cacheFolder(), 'speeds', `${candidateKey(candidate)}-${settings}.json`);
}
