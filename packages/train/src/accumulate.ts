import {
  checkChoice,
  checkCount,
  type Differentiated,
  disposeGradients,
  type Gradients,
  type Parameter,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Loss, terms and gradients of one batch, or of several merged ones. */
export interface Contribution extends Differentiated {
  /** Number of images. */
  readonly images: number;
}

/**
 * Merges the gradients of two batches as if they had been one batch.
 *
 * With `mean`, each part is weighted by its share of the images, n_a/(n_a + n_b) and n_b/(n_a + n_b). For a loss that
 * is a mean over images this gives the gradient of the whole batch, even if the last batch is smaller. (For a mean over
 * known labels it is approximate if batches have different numbers of known labels.) With `sum`, the parts are added.
 * Computations across images (batch norm statistics, contrastive pairs) still see only the small batches.
 *
 * Disposes of both contributions; the caller owns the result. A parameter or term that only one part has counts as zero
 * in the other.
 *
 * @throws OptionError for an unknown reduction, or a number of images below 1
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

/** Disposes of all tensors of a contribution. */
export function disposeContribution({ loss, terms, gradients }: Contribution): void {
  tf.dispose([loss, ...Object.values(terms)]);
  disposeGradients(gradients);
}
