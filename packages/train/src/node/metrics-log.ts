import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { EpochReport, StepReport } from '../observer.ts';
import { append, saveText } from './save-file.ts';

/** A line of `metrics.jsonl`. */
export type MetricsLine = ({ readonly kind: 'step' } & StepReport) | ({ readonly kind: 'epoch' } & EpochReport);

/** Appends to `metrics.jsonl`, a JSON object a line. A line goes to the file at once. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a');
  }

  /**
   * Opens the log of a run that goes on after `step` optimiser steps: lines of later steps, which the run is about to
   * compute again, are dropped, and so is a last line that a kill left half-written.
   */
  static async open(path: string, step: number): Promise<MetricsLog> {
    if (existsSync(path)) {
      const kept = readMetrics(path).filter((line) => line.step <= step);
      await saveText(
        path,
        kept.map((line) => `${JSON.stringify(line)}\n`),
      );
    }
    return new MetricsLog(path);
  }

  write(line: MetricsLine): void {
    append(this.#path, this.#file, Buffer.from(`${JSON.stringify(line)}\n`));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The lines of a log, without a half-written last one. */
export function readMetrics(path: string): MetricsLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last line break was cut off while it was written, or is empty.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as MetricsLine);
}
