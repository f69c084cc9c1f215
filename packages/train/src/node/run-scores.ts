import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scores } from '@ltml/metrics';
import { DataError, type HostTensor, readSafetensors } from '@ltml/tensor';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import * as z from 'zod';

/** The predictions of a finished run on its test images. */
export interface RunScores {
  /** Scores and labels of all classes. */
  readonly scores: Scores;
  /** Scores of only the unseen classes (those without training images), relative to each other. */
  readonly unseen?: Scores;
  /** Head, medium and tail classes. */
  readonly groups: FrequencyGroups;
}

const classesSchema = z.array(z.object({ group: z.enum(['head', 'medium', 'tail']) })).min(1);

/**
 * Reads the predictions of a finished run, and the groups of its classes.
 *
 * @param folder of the run
 * @throws DataError that names a file that is missing or damaged
 */
export function readRunScores(folder: string): RunScores {
  const classesFile = join(folder, 'per-class.json');
  const classes = reading(classesFile, () => classesSchema.parse(JSON.parse(readFileSync(classesFile, 'utf8'))));
  const of = (group: string): number[] => classes.flatMap((entry, c) => (entry.group === group ? [c] : []));
  const file = join(folder, 'predictions.safetensors');
  const { tensors } = reading(file, () => readSafetensors(readFileSync(file)));
  const scores = scoresOf(tensors, '');
  if (scores?.columns !== classes.length) {
    throw broken(file, `scores of ${scores?.columns ?? 'no'} classes instead of ${classes.length}`);
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
    throw broken(file, code === 'ENOENT' ? 'no such file' : message, cause);
  }
}

function broken(argument: string, received: string, cause?: unknown): DataError {
  const expected = 'a file of a finished run';
  return new DataError({ where: 'readRunScores', argument, expected, received, cause });
}
