import { dirname, resolve as resolvePath } from 'node:path';
import * as z from 'zod';
import { checkRecipe } from '../../recipe/check.ts';
import { readRecipe } from '../read-recipe.ts';
import { type PruningRule, pruningRuleSchema } from './prune/pruning.ts';
import { mostDimensions } from './sobol.ts';

/** Values of an entry: a list, or a range of numbers. */
export type Axis = readonly unknown[] | Range;

/** A range of numbers. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** `log`: values are uniform on a log scale, e.g. for learning rates. */
  readonly scale: 'linear' | 'log';
  /** Only whole numbers, both ends included. */
  readonly whole: boolean;
}

/** Points that are drawn at random, or from the Sobol sequence. */
export interface Draws {
  readonly count: number;
  /** Seed of the points. */
  readonly seed: number;
  readonly over: Readonly<Record<string, Axis>>;
}

/** One recipe with many settings: a grid, a list or drawn points, each with every seed. */
export interface Sweep {
  /** Path of the recipe, relative to the file of the sweep. */
  readonly recipe: string;
  /** Settings of all runs, by dotted entry. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Values by dotted entry; every combination is a point. */
  readonly grid?: Readonly<Record<string, readonly unknown[]>> | undefined;
  /** Points one by one. */
  readonly list?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Independent random points. */
  readonly random?: Draws | undefined;
  /** Points of the Sobol sequence, which leave smaller gaps than independent points. */
  readonly sobol?: Draws | undefined;
  /** Left out: the recipe's own seed. */
  readonly seeds?: readonly number[] | undefined;
  /** How often a failing run is tried. */
  readonly attempts: number;
  /** Rule that stops runs which fall behind; left out: none is stopped. */
  readonly prune?: PruningRule | undefined;
}

const rangeSchema = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    scale: z.enum(['linear', 'log']).default('linear'),
    whole: z.boolean().default(false),
  })
  .refine(({ from, to }) => from < to, { message: 'from should be less than to' })
  .refine(({ from, scale }) => scale === 'linear' || from > 0, { message: 'from should be above 0 on a log scale' })
  .refine(({ from, to, whole }) => !whole || (Number.isInteger(from) && Number.isInteger(to)), {
    message: 'from and to should be whole numbers',
  });

const valuesSchema = z.array(z.unknown()).min(1, 'should list at least one value');
const axesSchema = z
  .record(z.string(), z.union([valuesSchema, rangeSchema]))
  .refine((axes) => Object.keys(axes).length > 0, { message: 'should name at least one entry' });
const drawsSchema = z.strictObject({
  count: z.int().min(1).max(1_000_000),
  seed: z.int().nonnegative().default(0),
  over: axesSchema,
});

const sweepSchema: z.ZodType<Sweep> = z
  .strictObject({
    recipe: z.string(),
    set: z.record(z.string(), z.unknown()).default({}),
    grid: z.record(z.string(), valuesSchema).optional(),
    list: z.array(z.record(z.string(), z.unknown())).min(1).optional(),
    random: drawsSchema.optional(),
    sobol: drawsSchema.optional(),
    seeds: z.array(z.int().nonnegative()).min(1).optional(),
    attempts: z.int().min(1).max(100).default(3),
    prune: pruningRuleSchema.optional(),
  })
  .superRefine((sweep, context) => {
    const given = (['grid', 'list', 'random', 'sobol'] as const).filter((name) => sweep[name]);
    // Other numbers would become null in JSON.
    for (const path of notFinite({ ...sweep, prune: undefined })) {
      context.addIssue({ code: 'custom', path, message: 'should be a finite number' });
    }
    for (const name of given) {
      const { [name]: varies } = sweep;
      const entries = Array.isArray(varies) ? varies : [varies && 'over' in varies ? varies.over : varies];
      if (!entries.some((own) => Object.hasOwn(own ?? {}, 'seed'))) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'has an entry seed; list seeds in `seeds` instead',
      });
    }
    if (given.length > 1) {
      context.addIssue({
        code: 'custom',
        path: [given[1]],
        message: `conflicts with ${given[0]}: give only one of them`,
      });
    }
    if (Object.keys(sweep.sobol?.over ?? {}).length > mostDimensions) {
      context.addIssue({ code: 'custom', path: ['sobol', 'over'], message: `takes at most ${mostDimensions} entries` });
    }
  });

/** Paths of numbers that are not finite, which YAML allows. */
function notFinite(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [[...path]];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, entry]) => notFinite(entry, [...path, key]));
}

/**
 * Reads the file of a sweep.
 *
 * @returns the sweep, with its recipe as an absolute path
 * @throws UsageError with file, line and entry for each mistake
 */
export function readSweep(file: string): Sweep {
  const sweep = checkRecipe(readRecipe(file), sweepSchema);
  return { ...sweep, recipe: resolvePath(dirname(file), sweep.recipe) };
}
