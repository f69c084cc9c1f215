import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { type Manifest, runFolder, type SweepRun } from './manifest.ts';
import type { Point } from './points.ts';
import { readPruned } from './prune/pruned.ts';
import type { Verdict } from './prune/verdict.ts';
import { stateOf } from './state.ts';

/** The results of a run that is done or was pruned. */
export interface SweepScores {
  readonly run: SweepRun;
  /** By name: `mAP.total` of the test images, `validation.best`, …; empty for a pruned run. */
  readonly measures: Readonly<Record<string, number>>;
  /** Why it was pruned; left out if it is done. */
  readonly pruned?: Verdict;
}

/** Mean and standard deviation (n − 1) over the seeds of a point. The deviation of a single run is 0. */
export interface PointScores {
  /** Settings of the point. */
  readonly point: Point;
  /** Number of finished runs. */
  readonly seeds: number;
  /**
   * Number of pruned runs. If there are any, the point has no means: the remaining runs would make it look too good.
   */
  readonly pruned: number;
  /** By name, over the seeds. */
  readonly measures: Readonly<Record<string, { readonly mean: number; readonly deviation: number }>>;
}

/**
 * Reads the results of finished and pruned runs, in the order of the sweep. @throws DataError that names a damaged file
 */
export function collectSweep(sweep: Manifest): readonly SweepScores[] {
  return sweep.runs.flatMap((run): SweepScores[] => {
    const state = stateOf(sweep, run);
    if (state === 'done') return [{ run, measures: measuresOf(join(runFolder(sweep, run), 'summary.json')) }];
    const pruned = state === 'pruned' ? readPruned(sweep, run) : undefined;
    return pruned ? [{ run, measures: {}, pruned }] : [];
  });
}

function measuresOf(file: string): Record<string, number> {
  let summary: Readonly<Record<string, unknown>>;
  try {
    summary = JSON.parse(readFileSync(file, 'utf8')) as typeof summary;
  } catch (cause) {
    const expected = 'the summary of a finished run';
    throw new DataError({ where: 'collectSweep', argument: file, expected, received: 'invalid JSON', cause });
  }
  const { steps: _, best, metrics, ...test } = summary;
  const { value } = (best ?? {}) as { value?: unknown };
  return Object.fromEntries([...numbers(test), ...numbers({ validation: metrics, 'validation.best': value })]);
}

/** The numbers in an object and in its nested objects, by dotted name. */
function numbers(value: unknown, name: string = ''): [string, number][] {
  if (typeof value === 'number') return [[name, value]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) => numbers(entry, name === '' ? key : `${name}.${key}`));
}

/** Groups runs by point, in the order of the sweep. */
export function summarizePoints(runs: readonly SweepScores[]): readonly PointScores[] {
  const points = new Map<string, SweepScores[]>();
  for (const scores of runs) {
    const key = JSON.stringify(scores.run.point);
    const own = points.get(key);
    if (own) own.push(scores);
    else points.set(key, [scores]);
  }
  return [...points.values()].map((own) => {
    const pruned = own.filter((scores) => scores.pruned).length;
    // A pruned run has no measures.
    const names = Object.keys(own[0].measures).filter((name) => own.every(({ measures }) => name in measures));
    const spread = (name: string) => spreadOf(own.map(({ measures }) => measures[name]));
    return {
      point: own[0].run.point,
      seeds: own.length - pruned,
      pruned,
      measures: Object.fromEntries(names.map((name) => [name, spread(name)])),
    };
  });
}

function spreadOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}
