import { checkShapes, Linear, Module, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { ElementWiseLinear } from './element-wise-linear.ts';
import { GatedGraphNetwork, type GatedGraphNetworkOptions } from './gated-graph-network.ts';

/**
 * From class features to logits: the gated graph network, then s_c = w_c·tanh(W_o·[h_c ; f_c] + b_o) + b_c.
 *
 * The computation has two halves. `embed` applies all linear maps that act on the features directly. `classify` does
 * the rest. Blending commutes with linear maps: so embed a batch once, blend it as often as needed, and classify each
 * blend. This saves a fifth of the multiplications of a SARB step.
 *
 * State names are the published ones. Source: Chen et al. (SSGRL, ICCV 2019), equation 8.
 */
export class GraphClassifier extends Module {
  readonly GraphNeuralNetwork: GatedGraphNetwork;
  /** W_o. Its input is the features after the graph, then those before it. */
  readonly fc: Linear;
  readonly classifiers: ElementWiseLinear;
  readonly #features: number;

  /** @throws OptionError */
  constructor(options: GatedGraphNetworkOptions) {
    super();
    const { features, adjacency, random } = options;
    this.GraphNeuralNetwork = new GatedGraphNetwork(options);
    this.fc = new Linear({ inFeatures: 2 * features, outFeatures: features, random });
    this.classifiers = new ElementWiseLinear({ classes: adjacency.length, features, random });
    this.#features = features;
  }

  /**
   * The features, followed by the results of all linear maps that act on them.
   *
   * @param features [B, C, D]; the class axis can have any length
   * @returns [B, C, 10·D], linear in the features; the first D columns are the features
   */
  embed(features: tf.Tensor3D): tf.Tensor3D {
    const D = this.#features;
    const { B, C } = checkShapes('GraphClassifier.embed', { features: [features, `B C ${D}`] });
    // Some engines fail on empty tensors.
    if (B * C === 0) return zerosBehind([B, C, 10 * D], features);
    return tf.tidy(() => {
      const weights = tf.concat([this.GraphNeuralNetwork.projection(), this.#outputWeights()[1]], 1) as tf.Tensor2D;
      const images = tf.matMul(tf.reshape(features, [B * C, D]), weights);
      return tf.concat([features, tf.reshape(images, [B, C, 9 * D])], 2);
    });
  }

  /**
   * Computes logits from embedded features.
   *
   * @param embedded [B, C, 10·D]
   * @returns [B, C]
   * @throws ShapeError
   */
  classify(embedded: tf.Tensor3D): tf.Tensor2D {
    const D = this.#features;
    const { B, C } = checkShapes('GraphClassifier.classify', { embedded: [embedded, `B C ${10 * D}`] });
    if (B * C === 0) return zerosBehind([B, C], embedded);
    return tf.tidy(() => {
      const [features, projected, before] = tf.split(embedded, [D, 8 * D, D], 2) as tf.Tensor3D[];
      const nodes = this.GraphNeuralNetwork.forward(features, projected);
      const after = tf.reshape(tf.matMul(tf.reshape(nodes, [B * C, D]), this.#outputWeights()[0]), [B, C, D]);
      const hidden = tf.tanh(tf.add(tf.add(after, before), this.fc.bias!.variable));
      return this.classifiers.forward(hidden as tf.Tensor3D);
    });
  }

  /** [B, C, D] → [B, C] */
  forward(features: tf.Tensor3D): tf.Tensor2D {
    return tf.tidy(() => this.classify(this.embed(features)));
  }

  /** The two halves of W_o, [D, D] each: for the features after the graph and for those before it. */
  #outputWeights(): tf.Tensor2D[] {
    return tf.split(this.fc.weight.variable as tf.Tensor2D, 2, 0);
  }
}
