import * as z from 'zod';
import type { Recipe } from '../../../recipe/recipe.ts';
import { UsageError } from '../../../usage-error.ts';

/** By which rule runs that fall behind are stopped before their end. */
export type PruningRule = MedianRule | AshaRule;

/** See `medianBar`. */
export interface MedianRule {
  readonly rule: 'median';
  /** First epoch, from 1, after which a run may be stopped. */
  readonly fromEpoch: number;
  /** Runs with the same seed that are done before one is stopped. */
  readonly afterRuns: number;
}

/** See `ashaBar`. */
export interface AshaRule {
  readonly rule: 'asha';
  /** r, the epoch of the first rung, from 1. */
  readonly fromEpoch: number;
  /** η: one run in so many goes on from a rung, and rungs are so many times as far apart. */
  readonly factor: number;
}

/** The rule of a planned sweep, and the measure of validation images that it looks at. */
export interface Pruning {
  readonly by: PruningRule;
  readonly metric: string;
  readonly mode: 'max' | 'min';
}

const fromEpoch = z.int().min(1).default(1);

export const pruningRuleSchema: z.ZodType<PruningRule> = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('median'), fromEpoch, afterRuns: z.int().min(1).default(5) }),
  z.strictObject({ rule: z.literal('asha'), fromEpoch, factor: z.int().min(2).default(4) }),
]);

export const pruningSchema: z.ZodType<Pruning> = z.strictObject({
  by: pruningRuleSchema,
  metric: z.string(),
  mode: z.enum(['max', 'min']),
});

/**
 * What the runs of a sweep are compared by: the measure by which their recipes select an epoch.
 *
 * @param sofar of the recipes before this one
 * @param file of the sweep
 * @throws UsageError for a recipe that selects nothing, by test images, or by another measure than the others
 */
export function pruningOf(
  by: PruningRule,
  { evaluation }: Pick<Recipe, 'evaluation'>,
  sofar: Pruning | undefined,
  file: string,
): Pruning {
  const { select, selection } = evaluation;
  const refuse = (why: string): UsageError => new UsageError(`${file}: prune: ${why}`);
  if (select === null) throw refuse('needs evaluation.select in the recipe: runs are compared by its measure');
  if (selection === 'published')
    throw refuse('evaluation.selection: published looks at test images, which prune no run');
  const { metric, mode } = select;
  if (sofar && (sofar.metric !== metric || sofar.mode !== mode)) {
    throw refuse(`runs select by different measures, ${sofar.metric} (${sofar.mode}) and ${metric} (${mode})`);
  }
  return sofar ?? { by, metric, mode };
}
