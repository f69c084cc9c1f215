import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pruning } from './pruning.ts';

/** What a run came to at an evaluation. */
export interface Evaluated {
  /** Epochs of the run that were done, those of all stages. */
  readonly epoch: number;
  /** More is better; −∞ where the measure was no number. */
  readonly value: number;
}

/** The evaluations of a run, in order. */
export type History = readonly Evaluated[];

/** How a line of the log begins that tells of an epoch; those of steps are many more. */
const epochLine = '{"kind":"epoch"';

interface EpochLine {
  readonly stage: string;
  readonly epoch: number;
  readonly metrics?: Readonly<Record<string, number | null>>;
}

/**
 * Reads the evaluations of a run from its log; none where it has not begun. A log that is damaged counts up to there: who
 * goes on with that run is told.
 *
 * @param folder of the run
 */
export function readHistory(folder: string, { metric, mode }: Pick<Pruning, 'metric' | 'mode'>): History {
  // A run that was killed may tell of an epoch twice.
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
    // What follows the last line break is still being written.
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const text of whole) if (text.startsWith(epochLine)) lines.push(JSON.parse(text) as EpochLine);
  } catch {
    // Not begun, or damaged from here on.
  }
  return lines;
}
