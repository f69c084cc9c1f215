import * as tf from '@tensorflow/tfjs-core';
import { checkOptionNames } from '../check-options.ts';
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
    this.weight = new Parameter(tf.ones([options.features]));
    this.bias = new Parameter(tf.zeros([options.features]));
    this.#epsilon = options.epsilon ?? 1e-5;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.weight.variable, this.bias.variable, { epsilon: this.#epsilon });
  }
}
