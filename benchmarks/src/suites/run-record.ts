import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from '@ltml/recipes/node';
import { DataError } from '@ltml/tensor';
import { readMetrics, readRunScores } from '@ltml/train/node';
import { z } from 'zod';
import type { TestScores } from './measures/measure.ts';

/** The machine and software of a run. */
export interface RunEnvironment {
  readonly started: string;
  /** The engine. */
  readonly backend: string;
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** A finished run of a suite, read from its run folder. */
export interface RunRecord extends TestScores {
  readonly row: string;
  readonly seed: number;
  readonly recipe: Recipe;
  readonly environment: RunEnvironment;
  readonly classes: readonly string[];
  readonly trainImages: number;
  /** Seconds of training, over all processes that continued the run. */
  readonly seconds: number;
  readonly epochs: readonly EpochLoss[];
  /** The run folder. */
  readonly folder: string;
}

/** Mean training loss of an epoch; null if it was not finite. */
export interface EpochLoss {
  readonly stage: string;
  readonly loss: number | null;
}

/** Whether the run in a folder has finished. */
export function isFinished(folder: string): boolean {
  return existsSync(join(folder, 'summary.json'));
}

/** The resolved recipe of the run in a folder. */
export function recipeOfRun(folder: string): Recipe {
  return readJson(join(folder, 'config.json'), configSchema) as unknown as Recipe;
}

const configSchema = z.looseObject({ seed: z.int().nonnegative(), data: z.looseObject({ name: z.string() }) });

const environmentsSchema = z
  .array(
    z.object({
      started: z.string(),
      backend: z.string(),
      node: z.string(),
      system: z.string(),
      cpu: z.string(),
      threads: z.number(),
      versions: z.record(z.string(), z.string()),
    }),
  )
  .min(1);

const classesSchema = z.array(z.object({ name: z.string(), trainCount: z.number().nonnegative() })).min(1);

const modelSchema = z.object({ training: z.object({ images: z.int().nonnegative() }) });

/**
 * Reads the finished run in a folder.
 *
 * @throws DataError that names the missing or damaged file
 */
export function readRun(folder: string, row: string): RunRecord {
  const recipe = recipeOfRun(folder);
  const classes = readJson(join(folder, 'per-class.json'), classesSchema);
  const environments = readJson(join(folder, 'environment.json'), environmentsSchema);
  const { scores, unseen, groups } = readRunScores(folder);
  return {
    row,
    seed: recipe.seed,
    recipe,
    environment: environments[environments.length - 1],
    classes: classes.map(({ name }) => name),
    classCounts: classes.map(({ trainCount }) => trainCount),
    trainImages: readJson(join(folder, 'model', 'model.json'), modelSchema).training.images,
    ...readLog(join(folder, 'metrics.jsonl')),
    folder,
    scores,
    unseen,
    groups,
  };
}

/** Time and losses of all epochs from a log. A run that trains nothing has no log. */
function readLog(file: string): Pick<RunRecord, 'seconds' | 'epochs'> {
  if (!existsSync(file)) return { seconds: 0, epochs: [] };
  const epochs = readMetrics(file).filter((line) => line.kind === 'epoch');
  return {
    seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    epochs: epochs.map(({ stage, loss }) => ({ stage, loss })),
  };
}

/** Reads and checks a JSON file of a suite or run. @throws DataError */
export function readJson<T>(file: string, schema: z.ZodType<T>): T {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, (cause as Error).message, cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw damaged(file, `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw damaged(file, reasonOf(cause), cause);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'no file' : (code ?? message);
}

function damaged(argument: string, received: string, cause?: unknown): DataError {
  return new DataError({ where: 'readRun', argument, expected: 'a file written by a finished run', received, cause });
}
