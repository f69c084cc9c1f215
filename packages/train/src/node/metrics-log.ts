import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { checkCount, DataError } from '@ltml/tensor';
import * as z from 'zod';
import type { EpochReport, StepReport } from '../observer.ts';
import { append, readingError, saveText, savingError } from './save-file.ts';

/** A line of `metrics.jsonl`. Numbers that are not finite are null in the file. */
export type MetricsLine = ({ readonly kind: 'step' } & StepReport) | ({ readonly kind: 'epoch' } & EpochReport);

/** Appends to `metrics.jsonl`, a JSON object a line. A line goes to the file at once, in full or not at all. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: number;
  /** Steps that the log tells of, when it is opened. */
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
   * Opens the log of a run that goes on after `step` optimiser steps: lines of later steps, which the run is about to
   * compute again, are dropped, and so is a last line that a kill left half-written.
   *
   * @throws DataError naming file and line of what is no line of a log
   */
  static async open(path: string, step: number): Promise<MetricsLog> {
    checkCount('MetricsLog.open', 'step', step, { min: 0 });
    const kept = existsSync(path) ? readMetrics(path).filter((line) => line.step <= step) : [];
    const lines = kept.map((line) => `${JSON.stringify(line)}\n`);
    if (existsSync(path)) await saveText(path, lines);
    return new MetricsLog(path, kept.filter(({ kind }) => kind === 'step').length);
  }

  write(line: MetricsLine): void {
    append(this.#path, this.#file, Buffer.from(`${JSON.stringify(line)}\n`));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * The lines of a log, without a half-written last one.
 *
 * @throws DataError naming file and line of what is no line of a log
 */
export function readMetrics(path: string): MetricsLine[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw readingError('readMetrics', path, cause);
  }
  // What follows the last line break was cut off while it was written, or is empty.
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
    hint: 'Remove the line if the log is all that is wrong.',
  });
}
