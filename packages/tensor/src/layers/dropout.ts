import type * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import { Module } from '../module.ts';
import { dropout } from '../ops/dropout.ts';
import type { RandomStream } from '../random.ts';

/** Options of {@link Dropout}. */
export interface DropoutOptions {
  /** Probability in [0, 1] that an entry becomes 0; default 0.5. */
  readonly rate?: number;
  /** The stream for the masks. */
  readonly random: RandomStream;
}

/** Dropout in training, identity in evaluation: PyTorch's `nn.Dropout`. */
export class Dropout extends Module {
  readonly #rate: number;
  readonly #random: RandomStream;

  constructor(options: DropoutOptions) {
    super();
    checkOptionNames('Dropout', options, ['rate', 'random']);
    const { rate = 0.5 } = options;
    checkNumber('Dropout', 'options.rate', rate, { min: 0, max: 1 });
    this.#rate = rate;
    this.#random = options.random;
  }

  forward<T extends tf.Tensor>(x: T): T {
    return this.training && this.#rate > 0 ? dropout(x, this.#rate, this.#random) : x;
  }
}
