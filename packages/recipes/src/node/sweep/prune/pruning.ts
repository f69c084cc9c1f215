import * as z from 'zod';
import type { Recipe } from '../../../recipe/recipe.ts';
import { UsageError } from '../../../usage-error.ts';

/** The rule that stops runs which fall behind. */
export type PruningRule = MedianRule | AshaRule;

/** Median stopping, see `medianBar`. */
export interface MedianRule {
  readonly rule: 'median';
  /** First epoch after which a run may be stopped; at least 1. */
  readonly fromEpoch: number;
  /** Number of finished runs with the same seed that is needed before a run is stopped. */
  readonly afterRuns: number;
}

/** Asynchronous successive halving, see `ashaBar`. */
export interface AshaRule {
  readonly rule: 'asha';
  /** r, the epoch of the first rung; at least 1. */
  readonly fromEpoch: number;
  /** η: of η runs one continues at a rung, and each rung has η times as many epochs as the one before. */
  readonly factor: number;
}

/** The pruning rule of a planned sweep, and the validation measure that it uses. */
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
 * Checks that the runs of a sweep can be compared for pruning. They are compared by the measure that their recipes
 * select an epoch by.
 *
 * @param sofar result for the recipes before this one
 * @param file of the sweep
 * @throws UsageError for a recipe that selects no epoch, selects on test images, or by a different measure from the
 * others
 */
export function pruningOf(
  by: PruningRule,
  { evaluation }: Pick<Recipe, 'evaluation'>,
  sofar: Pruning | undefined,
  file: string,
): Pruning {
  const { select, selection } = evaluation;
  const refuse = (why: string): UsageError => new UsageError(`${file}: prune: ${why}`);
  if (select === null) throw refuse('needs evaluation.select in the recipe, since runs are compared by its measure');
  if (selection === 'published')
    throw refuse('does not work with evaluation.selection: published, since test images may not prune runs');
  const { metric, mode } = select;
  if (sofar && (sofar.metric !== metric || sofar.mode !== mode)) {
    throw refuse(`runs select by different measures, ${sofar.metric} (${sofar.mode}) and ${metric} (${mode})`);
  }
  return sofar ?? { by, metric, mode };
}
