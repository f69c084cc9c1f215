import { globalAveragePool, Linear, Module, type RandomStream } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

export interface PooledHeadOptions {
  /** I, channels of the feature maps. */
  readonly features: number;
  /** C */
  readonly classes: number;
  readonly random: RandomStream;
}

/**
 * The baseline that CPRFL is compared with: global average pool and a linear layer, [B, H, W, I] → [B, C].
 *
 * Source: CPRFL, Table 3, "baseline", as we read it.
 */
export class PooledHead extends Module {
  readonly linear: Linear;

  constructor({ features, classes, random }: PooledHeadOptions) {
    super();
    this.linear = new Linear({ inFeatures: features, outFeatures: classes, random });
  }

  forward(featureMap: tf.Tensor): { readonly logits: tf.Tensor2D } {
    return { logits: this.linear.forward(globalAveragePool(featureMap as tf.Tensor4D)) as tf.Tensor2D };
  }
}
