import {
  checkCount,
  checkOptionNames,
  constant,
  LayerNorm,
  Linear,
  Module,
  normal,
  Parameter,
  type RandomStream,
} from '@ltml/tensor';
import type { Branch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link AdaptFormer}. */
export interface AdaptFormerOptions {
  /** W, width of a token. */
  readonly width: number;
  /** r, width inside the adapter. */
  readonly bottleneck: number;
  readonly random: RandomStream;
}

/**
 * An adapter parallel to the MLP of a transformer block: scale · (U · ReLU(D · norm(x) + d) + u). x is the input of the
 * MLP before its norm.
 *
 * U and u start at 0, so that the adapter does not change the block at first. State names: `ln.…`, `down_proj.…`,
 * `up_proj.…`, `scale` [1].
 *
 * Source: Chen et al. (AdaptFormer), NeurIPS 2022, as in the code of Shi et al. (LIFT), ICML 2024.
 */
export class AdaptFormer extends Module implements Branch {
  readonly ln: LayerNorm;
  readonly down_proj: Linear;
  readonly up_proj: Linear;
  readonly scale: Parameter;

  /** @throws OptionError */
  constructor(options: AdaptFormerOptions) {
    super();
    const where = 'AdaptFormer';
    checkOptionNames(where, options, ['width', 'bottleneck', 'random']);
    const { width, bottleneck, random } = options;
    checkCount(where, 'options.width', width);
    checkCount(where, 'options.bottleneck', bottleneck);
    this.ln = new LayerNorm({ features: width });
    this.down_proj = new Linear({
      inFeatures: width,
      outFeatures: bottleneck,
      // Kaiming normal initialisation with a = √5.
      initializer: normal(0, (3 * width) ** -0.5),
      biasInitializer: constant(0),
      random,
    });
    const zero = { initializer: constant(0), biasInitializer: constant(0) };
    this.up_proj = new Linear({ inFeatures: bottleneck, outFeatures: width, ...zero, random });
    this.scale = new Parameter(tf.ones([1]));
  }

  forward(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const inner = tf.relu(this.down_proj.forward(this.ln.forward(x)));
      return tf.mul<tf.Tensor3D>(this.up_proj.forward(inner), this.scale.variable);
    });
  }
}

/**
 * r, the adapter width of the published runs: the largest power of 2 up to C / (2 · blocks), and at least 1.
 *
 * @throws OptionError
 */
export function adapterWidth(classes: number, blocks: number): number {
  checkCount('adapterWidth', 'classes', classes);
  checkCount('adapterWidth', 'blocks', blocks);
  return 2 ** Math.max(0, Math.trunc(Math.log2(classes / (2 * blocks))));
}
