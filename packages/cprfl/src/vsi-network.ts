import { checkCount, Module } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { VsiLayer, type VsiLayerOptions } from './vsi-layer.ts';

/** Options of {@link VsiNetwork}. */
export interface VsiNetworkOptions extends VsiLayerOptions {
  /** Number of layers. */
  readonly depth: number;
}

/** The output of {@link VsiNetwork}. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type RefinedPrompts = {
  /** [B, C, D] P′: the feature of each class in each image. */
  readonly classFeatures: tf.Tensor3D;
  /** [B, h, C, L + C] attention weights of the last layer: to the L visual tokens, then to the C prompts. */
  readonly attention: tf.Tensor4D;
};

/**
 * Visual-semantic interaction: visual tokens [B, L, D] and prompts [C, D] → class features [B, C, D].
 *
 * The sequence is the visual tokens, then the prompts, without position embeddings. The last layer computes the prompts
 * only.
 *
 * Source: CPRFL, section 3.3. Every row of the paper has one layer.
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
