import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scores } from '@ltml/metrics';
import { DataError, type HostTensor, readSafetensors } from '@ltml/tensor';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import * as z from 'zod';

/** What a finished run says of the images that it was judged by. */
export interface RunScores {
  readonly scores: Scores;
  /** Of the classes that no training image shows, among themselves. */
  readonly unseen?: Scores;
  readonly groups: FrequencyGroups;
}

const classesSchema = z.array(z.object({ group: z.enum(['head', 'medium', 'tail']) })).min(1);

/**
 * Reads the predictions of a finished run, and its classes by group.
 *
 * @param folder of the run
 * @throws DataError that names the file which is missing or not as a run leaves it
 */
export function readRunScores(folder: string): RunScores {
  const classesFile = join(folder, 'per-class.json');
  const classes = reading(classesFile, () => classesSchema.parse(JSON.parse(readFileSync(classesFile, 'utf8'))));
  const of = (group: string): number[] => classes.flatMap((entry, c) => (entry.group === group ? [c] : []));
  const file = join(folder, 'predictions.safetensors');
  const { tensors } = reading(file, () => readSafetensors(readFileSync(file)));
  const scores = scoresOf(tensors, '');
  if (scores?.columns !== classes.length) {
    throw broken(file, `scores of ${scores?.columns ?? 'no'} classes, not ${classes.length}`);
  }
  const unseen = scoresOf(tensors, 'unseen.');
  const groups = { head: of('head'), medium: of('medium'), tail: of('tail') };
  return { scores, groups, ...(unseen && { unseen }) };
}

function scoresOf(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Scores | undefined {
  const [scores, present, known] = ['scores', 'present', 'known'].map((name) => tensors.get(`${prefix}${name}`));
  if (!scores || !present) return undefined;
  const [rows, columns] = scores.shape;
  return {
    rows,
    columns,
    scores: scores.data as Float32Array,
    present: present.data as Uint8Array,
    ...(known && { known: known.data as Uint8Array }),
  };
}

function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw broken(file, code === 'ENOENT' ? 'nothing there' : message, cause);
  }
}

function broken(argument: string, received: string, cause?: unknown): DataError {
  const expected = 'a file as a finished run leaves it';
  return new DataError({ where: 'readRunScores', argument, expected, received, cause });
}
