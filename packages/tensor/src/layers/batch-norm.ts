import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkNumber, checkOptionNames } from '../check-options.ts';
import { isOfKind, mark } from '../mark.ts';
import { Module, ModuleBuffer, Parameter } from '../module.ts';
import { batchNormInference, batchNormTraining } from '../ops/batch-norm.ts';

export interface BatchNormLayerOptions {
  /** C */
  readonly channels: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Share of the new batch in the running statistics; default 0.1, as PyTorch counts it (Keras' 0.9). */
  readonly momentum?: number;
}

/**
 * Batch norm over the last axis, PyTorch's `nn.BatchNorm1d` and `nn.BatchNorm2d`: [..., C] → [..., C].
 *
 * In training it normalises by the batch and moves the running statistics, the variance by its unbiased estimate;
 * in evaluation it uses the running ones. The count of batches that PyTorch's files carry is not kept.
 */
export class BatchNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly running_mean: ModuleBuffer;
  readonly running_var: ModuleBuffer;
  /** Whether it is in evaluation mode whatever the module around it is in, as where a pretrained stage is frozen. */
  frozenStatistics = false;
  readonly epsilon: number;
  readonly #momentum: number;

  constructor(options: BatchNormLayerOptions) {
    super();
    mark(this, 'BatchNorm');
    checkOptionNames('BatchNorm', options, ['channels', 'epsilon', 'momentum']);
    const { channels, epsilon = 1e-5, momentum = 0.1 } = options;
    checkCount('BatchNorm', 'options.channels', channels);
    checkNumber('BatchNorm', 'options.epsilon', epsilon, { min: 0 });
    checkNumber('BatchNorm', 'options.momentum', momentum, { min: 0, max: 1 });
    this.weight = new Parameter(tf.ones([channels]));
    this.bias = new Parameter(tf.zeros([channels]));
    this.running_mean = new ModuleBuffer(tf.zeros([channels]), 'mean');
    this.running_var = new ModuleBuffer(tf.ones([channels]), 'mean');
    this.epsilon = epsilon;
    this.#momentum = momentum;
  }

  /** Whether the next pass normalises by its batch and moves the running statistics. */
  get usesBatch(): boolean {
    return this.training && !this.frozenStatistics;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const [gamma, beta] = [this.weight.variable, this.bias.variable];
    const [mean, variance] = [this.running_mean.variable, this.running_var.variable];
    const options = { epsilon: this.epsilon };
    if (!this.training || this.frozenStatistics)
      return batchNormInference(x, gamma, beta, { mean, variance }, options) as T;
    const batch = batchNormTraining(x, gamma, beta, options);
    const n = x.size / gamma.size;
    this.#move(mean, batch.mean, 1);
    this.#move(variance, batch.variance, n / (n - 1));
    return batch.y as T;
  }

  /** running ← (1 − momentum) · running + momentum · factor · new; takes over the new value. */
  #move(running: tf.Variable, value: tf.Tensor, factor: number): void {
    const moved = tf.tidy(() => tf.add(tf.mul(running, 1 - this.#momentum), tf.mul(value, this.#momentum * factor)));
    running.assign(moved);
    moved.dispose();
    value.dispose();
  }
}

/** Whether it is a {@link BatchNorm}, of this or another installed copy of this package. */
export function isBatchNorm(value: unknown): value is BatchNorm {
  return isOfKind(value, 'BatchNorm');
}
