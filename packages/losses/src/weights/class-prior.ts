import { checkCount, checkShapes, DataError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * How likely each class is by a model's own predictions: the running mean of its probabilities over all images seen.
 *
 * It is an estimate where labels are partly known, and counts of them tell nothing. `partialSelectiveLoss` takes it from a
 * model that is trained on known labels alone (`mode: 'ignore'`).
 *
 * Source: the code of Ben-Baruch et al., CVPR 2022, which never starts anew between epochs.
 */
export class ClassPrior {
  readonly #sums: Float64Array;
  #images = 0;

  /** @param classes C @throws OptionError */
  constructor(classes: number) {
    checkCount('ClassPrior', 'classes', classes, { min: 0 });
    this.#sums = new Float64Array(classes);
  }

  /**
   * Takes in a batch.
   *
   * @param logits [B, C]; they are read to the host
   * @throws ShapeError; DataError on NaN, naming its class: the prior stays as it was
   */
  update(logits: tf.Tensor2D): void {
    checkShapes('ClassPrior.update', { classes: [{ shape: [this.#sums.length] }, 'C'], logits: [logits, 'B C'] });
    if (logits.size === 0) return;
    const sums = tf.tidy(() => tf.sum(tf.sigmoid(logits), 0).dataSync());
    const odd = sums.findIndex(Number.isNaN);
    if (odd >= 0) {
      const [where, expected] = ['ClassPrior.update', 'numbers everywhere'];
      throw new DataError({ where, argument: 'logits', expected, received: `NaN of class ${odd}` });
    }
    for (let c = 0; c < sums.length; c++) this.#sums[c] += sums[c];
    this.#images += logits.shape[0];
  }

  /** [C] probabilities; 0 before the first image. */
  priors(): number[] {
    return Array.from(this.#sums, (sum) => sum / Math.max(this.#images, 1));
  }
}
