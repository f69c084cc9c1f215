import { checkCount, checkShapes } from '@ltml/tensor';
import type { ViewSizes, Views } from '@ltml/tensor/contract';

const nothing = { shape: [] };

/**
 * Checks that the inputs of a batch are the views that `pretrain` needs.
 *
 * @throws ShapeError, naming the wrong view; OptionError
 */
export function checkViews(
  { query, key, patches, boxes }: Views,
  { viewSize, patchSize, patches: count }: ViewSizes,
): void {
  checkCount('checkViews', 'sizes.viewSize', viewSize);
  checkCount('checkViews', 'sizes.patchSize', patchSize);
  checkCount('checkViews', 'sizes.patches', count, { min: 0 });
  const view = `B ${viewSize} ${viewSize} 3`;
  checkShapes('checkViews', {
    'inputs.query': [query, view],
    'inputs.key': [key, view],
    ...(count > 0 && {
      'inputs.patches': [patches ?? nothing, `B ${count} ${patchSize} ${patchSize} 3`],
      'inputs.boxes': [boxes ?? nothing, `B ${count} 4`],
    }),
  });
}
