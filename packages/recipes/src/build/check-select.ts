import type { ScoreKind } from '@ltml/tensor/contract';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';
import { epochMetrics } from './epoch-metrics.ts';
import type { Splits } from './splits.ts';

/**
 * Rejects a selection by a metric that does not fit the data set or the scores.
 *
 * @param kind of the learner's scores
 * @throws EntryError that lists the metrics that fit
 */
export function checkSelect(
  { evaluation: { select } }: Pick<Recipe, 'evaluation'>,
  { protocol, groups }: Pick<Splits, 'protocol' | 'groups'>,
  kind: ScoreKind,
): void {
  const { names = [] } = epochMetrics(protocol, groups, kind);
  if (!select || names.includes(select.metric)) return;
  const message = `unknown metric "${select.metric}" for this data set and ${kind} scores; known: ${names.join(', ')}`;
  throw new EntryError(message, 'evaluation.select.metric');
}
