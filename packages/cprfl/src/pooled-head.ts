import {
  checkCount,
  checkOptionNames,
  checkShapes,
  globalAveragePool,
  Linear,
  Module,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link PooledHead}. */
export interface PooledHeadOptions {
  /** I, channels of the feature maps. */
  readonly features: number;
  /** C, number of classes. */
  readonly classes: number;
  readonly random: RandomStream;
}

/**
 * CPRFL's baseline: global average pool and a linear layer, [B, H, W, I] → [B, C].
 *
 * Source: CPRFL, Table 3, "baseline". The paper does not describe it; this is our interpretation.
 */
export class PooledHead extends Module {
  readonly linear: Linear;

  /** @throws OptionError */
  constructor(options: PooledHeadOptions) {
    super();
    checkOptionNames('PooledHead', options, ['features', 'classes', 'random']);
    const { features, classes, random } = options;
    checkCount('PooledHead', 'options.features', features);
    checkCount('PooledHead', 'options.classes', classes);
    this.linear = new Linear({ inFeatures: features, outFeatures: classes, random });
  }

  /** @throws ShapeError */
  forward(featureMap: tf.Tensor): { readonly logits: tf.Tensor2D } {
    const [I, C] = this.linear.weight.shape;
    const { B } = checkShapes('PooledHead.forward', { featureMap: [featureMap, `B H W ${I}`] });
    // Some engines fail on empty tensors.
    if (B === 0) return { logits: zerosBehind([0, C], featureMap) };
    return {
      logits: tf.tidy(() => this.linear.forward(globalAveragePool(featureMap as tf.Tensor4D)) as tf.Tensor2D),
    };
  }
}
