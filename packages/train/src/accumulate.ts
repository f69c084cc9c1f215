import {
  checkChoice,
  checkCount,
  type Differentiated,
  disposeGradients,
  type Gradients,
  type Parameter,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** What one batch, or several put together, give a step: loss, terms and gradients of so many images. */
export interface Contribution extends Differentiated {
  readonly images: number;
}

/**
 * Puts the gradients of two batches together as if the batches had been one.
 *
 * With `mean`, each part counts with its share of the images, n_a/(n_a + n_b) and n_b/(n_a + n_b): for a loss that is
 * a mean over images the result is the gradient of the whole batch, also when the last batch is smaller. (A mean over
 * known labels is not quite one where batches differ in how many are known.) With `sum`, parts are added. What a step
 * computes across images (batch norm's statistics, contrastive pairs) still sees the small batches only.
 *
 * Takes both contributions over; the caller owns the result. A parameter or term that only one part reaches counts as
 * zero in the other.
 */
export function mergeContributions(a: Contribution, b: Contribution, reduction: 'mean' | 'sum'): Contribution {
  const where = 'mergeContributions';
  checkChoice(where, 'reduction', reduction, ['mean', 'sum']);
  checkCount(where, 'a.images', a.images);
  checkCount(where, 'b.images', b.images);
  const images = a.images + b.images;
  const [shareA, shareB] = reduction === 'mean' ? [a.images / images, b.images / images] : [1, 1];
  const merge = <T extends tf.Tensor>(x: T | undefined, y: T | undefined): T =>
    tf.tidy(() => {
      const parts = [x && tf.mul(x, shareA), y && tf.mul(y, shareB)].filter((part) => part !== undefined);
      return (parts.length === 2 ? tf.add(parts[0], parts[1]) : parts[0]) as T;
    });
  const parameters = new Set<Parameter>([...a.gradients.keys(), ...b.gradients.keys()]);
  const names = new Set([...Object.keys(a.terms), ...Object.keys(b.terms)]);
  const merged: Contribution = {
    images,
    loss: merge(a.loss, b.loss),
    terms: Object.fromEntries([...names].map((name) => [name, merge(a.terms[name], b.terms[name])])),
    gradients: new Map(
      [...parameters].map((parameter) => [parameter, merge(a.gradients.get(parameter), b.gradients.get(parameter))]),
    ) as Gradients,
  };
  disposeContribution(a);
  disposeContribution(b);
  return merged;
}

/** Disposes of all that a contribution owns. */
export function disposeContribution({ loss, terms, gradients }: Contribution): void {
  tf.dispose([loss, ...Object.values(terms)]);
  disposeGradients(gradients);
}
