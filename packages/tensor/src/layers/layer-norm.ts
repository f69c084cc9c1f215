import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkNumber, checkOptionNames } from '../check-options.ts';
import { Module, Parameter } from '../module.ts';
import { layerNorm } from '../ops/layer-norm.ts';

export interface LayerNormLayerOptions {
  /** D */
  readonly features: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** Layer norm over the last axis, PyTorch's `nn.LayerNorm`: [..., D] → [..., D]. */
export class LayerNorm extends Module {
  readonly weight: Parameter;
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
