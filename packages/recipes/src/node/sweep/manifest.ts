import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve as resolvePath } from 'node:path';
import { DataError } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as z from 'zod';
import { UsageError } from '../../usage-error.ts';
import type { Point } from './points.ts';
import { type Pruning, pruningSchema } from './prune/pruning.ts';

/** A run of a sweep. */
export interface SweepRun {
  /** The first 16 hex digits of the hash of its resolved recipe. */
  readonly id: string;
  /** Settings of the run. */
  readonly point: Point;
  readonly seed: number;
}

/** The plan of a sweep. It is stored in the sweep's folder as `manifest.jsonl`, one line per run. */
export interface Manifest {
  /** Folder of the sweep. */
  readonly folder: string;
  /** Absolute path of the recipe. */
  readonly recipe: string;
  /** Settings of all runs. */
  readonly set: Point;
  /** How often a failing run is tried. */
  readonly attempts: number;
  /** Left out: no run is pruned. */
  readonly prune?: Pruning | undefined;
  /** Runs in the order of the sweep. */
  readonly runs: readonly SweepRun[];
}

const headSchema = z.strictObject({
  sweep: z.literal(1),
  recipe: z.string(),
  set: z.record(z.string(), z.unknown()),
  attempts: z.int().min(1),
  prune: pruningSchema.optional(),
  runs: z.int().nonnegative(),
});
const pointSchema = z.record(z.string(), z.unknown());
const runSchema = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), point: pointSchema, seed: z.int() });

const fileOf = (folder: string): string => join(folder, 'manifest.jsonl');

/** Writes the manifest of a sweep, all or nothing. */
export async function writeManifest({ folder, recipe, set, attempts, prune, runs }: Manifest): Promise<void> {
  // A relative path, so that folder and recipe can be moved together.
  const head = { sweep: 1, recipe: relative(resolvePath(folder), recipe), set, attempts, prune, runs: runs.length };
  await writeFileAtomically(fileOf(folder), lines([head, ...runs]));
}

function* lines(values: readonly unknown[]): Iterable<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}

/**
 * Reads the manifest of a sweep.
 *
 * @throws UsageError if there is none
 * @throws DataError that names the damaged line
 */
export function readManifest(folder: string): Manifest {
  const file = fileOf(folder);
  if (!existsSync(folder)) throw new UsageError(`${folder}: no such file or folder`);
  if (!existsSync(file)) throw new UsageError(`${folder}: has no manifest.jsonl; \`ltml sweep plan\` writes it`);
  const [first, ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const { recipe, set, attempts, prune, runs: count } = parseLine(file, 1, first, headSchema);
  const runs = rest.map((line, i) => parseLine(file, i + 2, line, runSchema));
  if (runs.length !== count) throw damaged(file, rest.length + 2, `${count} runs`, `${runs.length}`);
  return { folder, recipe: resolvePath(dirname(file), recipe), set, attempts, ...(prune && { prune }), runs };
}

function parseLine<T>(file: string, line: number, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw damaged(file, line, 'a line written by `ltml sweep plan`', JSON.stringify(text.slice(0, 60)));
  }
}

function damaged(file: string, line: number, expected: string, received: string): DataError {
  return new DataError({ where: 'readManifest', argument: `${file}:${line}`, expected, received });
}

/** The run folder of a run. */
export function runFolder({ folder }: Pick<Manifest, 'folder'>, { id }: Pick<SweepRun, 'id'>): string {
  return join(folder, 'runs', id);
}

/** The settings of a run, in the form of `--set`. */
export function settingsOf({ set }: Pick<Manifest, 'set'>, { point, seed }: Omit<SweepRun, 'id'>): string[] {
  const entries = Object.entries({ ...set, ...point, seed });
  return entries.map(([entry, value]) => `${entry}=${JSON.stringify(value)}`);
}
