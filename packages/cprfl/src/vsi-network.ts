import { checkCount, Module } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { VsiLayer, type VsiLayerOptions } from './vsi-layer.ts';

export interface VsiNetworkOptions extends VsiLayerOptions {
  /** Layers, one after the other. */
  readonly depth: number;
}

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type RefinedPrompts = {
  /** [B, C, D] P′: what each class sees in each image. */
  readonly classFeatures: tf.Tensor3D;
  /** [B, h, C, L + C] how each head of the last layer spreads over the visual tokens, then over the prompts. */
  readonly attention: tf.Tensor4D;
};

/**
 * Visual-semantic interaction: visual tokens [B, L, D] and prompts [C, D] → class features [B, C, D].
 *
 * Visual tokens go first, prompts last, and neither has a position. The last layer computes the prompts only.
 *
 * Source: CPRFL, section 3.3; one layer in all of the paper's rows.
 */
export class VsiNetwork extends Module {
  readonly layers: readonly VsiLayer[];

  /** h */
  readonly heads: number;

  /** @throws OptionError */
  constructor({ depth, ...options }: VsiNetworkOptions) {
    super();
    checkCount('VsiNetwork', 'options.depth', depth);
    this.heads = options.heads;
    this.layers = Array.from({ length: depth }, () => new VsiLayer(options));
  }

  forward(visual: tf.Tensor3D, prompts: tf.Tensor2D): RefinedPrompts {
    return tf.tidy(() => this.#refine(visual, prompts));
  }

  #refine(visual: tf.Tensor3D, prompts: tf.Tensor2D): RefinedPrompts {
    const last = this.layers.length - 1;
    const { tokens, weights } =
      last === 0
        ? this.layers[0].forwardPrompts(visual, prompts)
        : this.layers[last].forward(this.#allButLast(visual, prompts), prompts.shape[0]);
    return { classFeatures: tokens, attention: tf.transpose(weights, [1, 0, 2, 3]) };
  }

  /** [B, L + C, D] */
  #allButLast(visual: tf.Tensor3D, prompts: tf.Tensor2D): tf.Tensor3D {
    const [B] = visual.shape;
    const everywhere = tf.add<tf.Tensor3D>(tf.zeros([B, ...prompts.shape]), prompts);
    const tokens = tf.concat([visual, everywhere], 1);
    return this.layers.slice(0, -1).reduce((z, layer) => layer.forward(z).tokens, tokens);
  }
}
