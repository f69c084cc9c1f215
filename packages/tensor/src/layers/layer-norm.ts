import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkNumber, checkOptionNames } from '../check-options.ts';
import { Module, Parameter } from '../module.ts';
import { layerNorm } from '../ops/layer-norm.ts';

/** Options of {@link LayerNorm}. */
export interface LayerNormLayerOptions {
  /** D, the number of features. */
  readonly features: number;
  /** ε ≥ 0, added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** Layer norm over the last axis, PyTorch's `nn.LayerNorm`: [..., D] → [..., D]. */
export class LayerNorm extends Module {
  /** γ, [D]; starts at 1. */
  readonly weight: Parameter;
  /** β, [D]; starts at 0. */
  readonly bias: Parameter;
  readonly #epsilon: number;

  constructor(options: LayerNormLayerOptions) {
    super();
    checkOptionNames('LayerNorm', options, ['features', 'epsilon']);
    const { features, epsilon = 1e-5 } = options;
    checkCount('LayerNorm', 'options.features', features);
    checkNumber('LayerNorm', 'options.epsilon', epsilon, { min: 0 });
    this.weight = new Parameter(tf.ones([features]));
    this.bias = new Parameter(tf.zeros([features]));
    this.#epsilon = epsilon;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.weight.variable, this.bias.variable, { epsilon: this.#epsilon });
  }
}
