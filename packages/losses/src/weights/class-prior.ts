import { checkCount, checkShapes, DataError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Estimates how often each class is present from a model's own predictions: the running mean of its probabilities over
 * all images so far.
 *
 * Use it where labels are partly known, because counting the known labels is then misleading. `partialSelectiveLoss`
 * takes the estimate from a model that is trained on known labels only (`mode: 'ignore'`).
 *
 * Source: the code of Ben-Baruch et al., CVPR 2022, which does not reset the mean between epochs.
 */
export class ClassPrior {
  readonly #sums: Float64Array;
  #images = 0;

  /** @param classes C, a whole number from 0 @throws OptionError */
  constructor(classes: number) {
    checkCount('ClassPrior', 'classes', classes, { min: 0 });
    this.#sums = new Float64Array(classes);
  }

  /**
   * Adds a batch to the running mean.
   *
   * @param logits [B, C]; they are read back to the host
   * @throws ShapeError; DataError on NaN, naming its class, and the estimate stays as it was
   */
  update(logits: tf.Tensor2D): void {
    checkShapes('ClassPrior.update', { classes: [{ shape: [this.#sums.length] }, 'C'], logits: [logits, 'B C'] });
    if (logits.size === 0) return;
    const sums = tf.tidy(() => tf.sum(tf.sigmoid(logits), 0).dataSync());
    const odd = sums.findIndex(Number.isNaN);
    if (odd >= 0) {
      const [where, expected] = ['ClassPrior.update', 'numbers everywhere'];
      throw new DataError({ where, argument: 'logits', expected, received: `NaN for class ${odd}` });
    }
    for (let c = 0; c < sums.length; c++) this.#sums[c] += sums[c];
    this.#images += logits.shape[0];
  }

  /** [C] estimated probabilities; 0 before the first image. */
  priors(): number[] {
    return Array.from(this.#sums, (sum) => sum / Math.max(this.#images, 1));
  }
}
