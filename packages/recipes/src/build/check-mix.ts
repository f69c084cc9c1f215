import type { ClassStatistics, Learner } from '@ltml/tensor/contract';
import { type BoundLoss, losses } from '../parts/losses.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';

/**
 * Refuses to mix images where a stage has a loss that takes labels of 0 and 1 alone, or sees images in views of its own.
 *
 * @param bound the loss that the recipe names
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
  if (!loss || bound?.softLabels) throw new EntryError(`${labels}, and ${method.name} takes 0 and 1 alone`, 'mix');
  const soft = losses.names.filter((name) => losses.create({ name, reduction: 'mean' }, statistics).softLabels);
  throw new EntryError(
    `${labels}, and the loss ${loss.name} takes 0 and 1 alone; take one of ${soft.join(', ')}`,
    'mix',
  );
}
