import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { checkCount, DataError } from '@ltml/tensor';
import * as z from 'zod';
import type { EpochReport, StepReport } from '../observer.ts';
import { append, readingError, saveText, savingError } from './save-file.ts';

/** A line of `metrics.jsonl`. NaN and infinities are null in the file. */
export type MetricsLine = ({ readonly kind: 'step' } & StepReport) | ({ readonly kind: 'epoch' } & EpochReport);

/** Writes `metrics.jsonl`, one JSON object per line. Each line is written at once, all or nothing. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: number;
  /** Number of steps in the log when it was opened. */
  readonly steps: number;

  private constructor(path: string, steps: number) {
    this.#path = path;
    this.steps = steps;
    try {
      this.#file = openSync(path, 'a');
    } catch (cause) {
      throw savingError(path, cause);
    }
  }

  /**
   * Opens the log of a run that continues after `step` optimiser steps. Lines of later steps are removed, since the run
   * will compute them again. So is a last line that was cut off by a kill.
   *
   * @throws DataError naming file and number of a wrong line
   */
  static async open(path: string, step: number): Promise<MetricsLog> {
    checkCount('MetricsLog.open', 'step', step, { min: 0 });
    const kept = existsSync(path) ? readMetrics(path).filter((line) => line.step <= step) : [];
    const lines = kept.map((line) => `${JSON.stringify(line)}\n`);
    if (existsSync(path)) await saveText(path, lines);
    return new MetricsLog(path, kept.filter(({ kind }) => kind === 'step').length);
  }

  /** Appends a line. @throws DataError if the system refuses, e.g. because the disk is full */
  write(line: MetricsLine): void {
    append(this.#path, this.#file, Buffer.from(`${JSON.stringify(line)}\n`));
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Reads the lines of a log, without an unfinished last one.
 *
 * @throws DataError naming file and number of a wrong line
 */
export function readMetrics(path: string): MetricsLine[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw readingError('readMetrics', path, cause);
  }
  // The text after the last line break is empty or an unfinished line.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, i) => parseLine(line, `${path}, line ${i + 1}`));
}

const count = z.int().min(0);
const number = z.number().nullable();
const numbers = z.record(z.string(), number);
const lineSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('step'),
    stage: z.string(),
    epoch: count,
    step: count,
    loss: number,
    terms: numbers,
  }),
  z.looseObject({
    kind: z.literal('epoch'),
    stage: z.string(),
    epoch: count,
    step: count,
    loss: number,
    terms: numbers,
    metrics: numbers.optional(),
  }),
]);

function parseLine(line: string, place: string): MetricsLine {
  let value: unknown;
  let problem: string | undefined;
  try {
    value = JSON.parse(line);
    const [issue] = lineSchema.safeParse(value).error?.issues ?? [];
    if (issue) problem = `${issue.path.join('.')}: ${issue.message}`;
  } catch (error) {
    problem = (error as Error).message;
  }
  if (problem === undefined) return value as MetricsLine;
  throw new DataError({
    where: 'readMetrics',
    argument: place,
    expected: 'a JSON object of a step or an epoch',
    received: `${JSON.stringify(line.slice(0, 80))} (${problem})`,
    hint: 'Delete the line if nothing else is wrong with the run.',
  });
}
