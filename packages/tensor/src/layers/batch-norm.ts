import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkNumber, checkOptionNames } from '../check-options.ts';
import { isOfKind, mark } from '../mark.ts';
import { Module, ModuleBuffer, Parameter } from '../module.ts';
import { batchNormInference, batchNormTraining } from '../ops/batch-norm.ts';

/** Options of {@link BatchNorm}. */
export interface BatchNormLayerOptions {
  /** C, the number of channels. */
  readonly channels: number;
  /** ε ≥ 0, added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Share of the new batch in the running statistics, in [0, 1]; default 0.1 as in PyTorch (Keras would say 0.9). */
  readonly momentum?: number;
}

/**
 * Batch norm over the last axis, PyTorch's `nn.BatchNorm1d` and `nn.BatchNorm2d`: [..., C] → [..., C].
 *
 * In training it normalises with the batch statistics and updates the running statistics, the variance with its
 * unbiased estimate. In evaluation it uses the running statistics. It does not keep PyTorch's count of batches,
 * `num_batches_tracked`.
 */
export class BatchNorm extends Module {
  /** γ, [C]; starts at 1. */
  readonly weight: Parameter;
  /** β, [C]; starts at 0. */
  readonly bias: Parameter;
  /** [C] starts at 0. */
  readonly running_mean: ModuleBuffer;
  /** [C] starts at 1. */
  readonly running_var: ModuleBuffer;
  /** Keeps it in evaluation mode, whatever the mode of the module around it; used to freeze a pretrained stage. */
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

  /** Whether the next pass normalises with batch statistics and updates the running statistics. */
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

  /** running ← (1 − momentum) · running + momentum · factor · new; disposes the new value. */
  #move(running: tf.Variable, value: tf.Tensor, factor: number): void {
    const moved = tf.tidy(() => tf.add(tf.mul(running, 1 - this.#momentum), tf.mul(value, this.#momentum * factor)));
    running.assign(moved);
    moved.dispose();
    value.dispose();
  }
}

/** Whether a value is a {@link BatchNorm} of this or another installed copy of this package. */
export function isBatchNorm(value: unknown): value is BatchNorm {
  return isOfKind(value, 'BatchNorm');
}
