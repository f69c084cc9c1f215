import { Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Bank } from './bank.ts';

/** A {@link Bank} as buffers of a module. */
export class BankBuffers extends Module {
  readonly features: ModuleBuffer;
  readonly weights: ModuleBuffer;
  readonly entropies: ModuleBuffer;

  /** Takes ownership of the tensors of the bank. */
  constructor({ features, weights, entropies }: Bank) {
    super();
    this.features = new ModuleBuffer(features, 'same');
    this.weights = new ModuleBuffer(weights, 'same');
    this.entropies = new ModuleBuffer(entropies, 'same');
  }

  get contents(): Bank {
    const { features, weights, entropies } = this;
    return {
      features: features.variable as tf.Tensor as tf.Tensor3D,
      weights: weights.variable as tf.Tensor as tf.Tensor2D,
      entropies: entropies.variable as tf.Tensor as tf.Tensor2D,
    };
  }

  /** Takes ownership of the tensors of the bank. */
  assign(bank: Bank): void {
    for (const name of ['features', 'weights', 'entropies'] as const) {
      this[name].variable.assign(bank[name] as tf.Tensor);
    }
    tf.dispose(bank);
  }
}
