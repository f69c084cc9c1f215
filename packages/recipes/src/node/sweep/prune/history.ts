import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pruning } from './pruning.ts';

/** An evaluation of a run. */
export interface Evaluated {
  /** Epochs done so far, over all stages. */
  readonly epoch: number;
  /** Higher is better; −∞ if the measure was not a number. */
  readonly value: number;
}

/** The evaluations of a run, in order. */
export type History = readonly Evaluated[];

/** Beginning of the log lines of epochs. Other lines are skipped unparsed: there are many more of them. */
const epochLine = '{"kind":"epoch"';

interface EpochLine {
  readonly stage: string;
  readonly epoch: number;
  readonly metrics?: Readonly<Record<string, number | null>>;
}

/**
 * Reads the evaluations of a run from its log; empty if the run has not begun. A damaged log is read up to the damage:
 * whoever continues that run gets an error.
 *
 * @param folder of the run
 */
export function readHistory(folder: string, { metric, mode }: Pick<Pruning, 'metric' | 'mode'>): History {
  // The log of a run that was killed may have an epoch twice; the last one counts.
  const epochs = new Map<string, EpochLine>();
  for (const line of epochLines(join(folder, 'metrics.jsonl'))) epochs.set(`${line.stage} ${line.epoch}`, line);
  return [...epochs.values()].flatMap(({ metrics }, i) => {
    if (!metrics || !(metric in metrics)) return [];
    const value = metrics[metric] ?? Number.NaN;
    const gain = mode === 'max' ? value : -value;
    return [{ epoch: i + 1, value: Number.isFinite(gain) ? gain : Number.NEGATIVE_INFINITY }];
  });
}

function epochLines(file: string): EpochLine[] {
  const lines: EpochLine[] = [];
  try {
    // The part after the last line break is still being written.
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const text of whole) if (text.startsWith(epochLine)) lines.push(JSON.parse(text) as EpochLine);
  } catch {
    // The run has not begun, or its log is damaged from here on.
  }
  return lines;
}
