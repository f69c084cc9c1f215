import type { ClassStatistics, Learner } from '@ltml/tensor/contract';
import { type BoundLoss, losses } from '../parts/losses.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';

/**
 * Rejects mixed images if a stage can't take them: its loss takes only labels 0 and 1, or it makes its own views of
 * images.
 *
 * @param bound the loss that the recipe names; null: the method has its own
 * @throws EntryError
 */
export function checkMix(
  { mix, method, loss }: Recipe,
  { stages }: Pick<Learner, 'stages'>,
  bound: BoundLoss | null,
  statistics: ClassStatistics,
): void {
  if (!mix || stages.every(({ softLabels }) => softLabels)) return;
  const labels = `${mix.name} makes labels between 0 and 1`;
  if (!loss || bound?.softLabels) throw new EntryError(`${labels}, but ${method.name} takes only 0 and 1`, 'mix');
  const soft = losses.names.filter((name) => losses.create({ name, reduction: 'mean' }, statistics).softLabels);
  throw new EntryError(`${labels}, but the loss ${loss.name} takes only 0 and 1; use one of ${soft.join(', ')}`, 'mix');
}
