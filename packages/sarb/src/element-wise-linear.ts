import {
  checkCount,
  checkFlag,
  checkOptionNames,
  checkShapes,
  kaimingUniform,
  Module,
  Parameter,
  type RandomStream,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link ElementWiseLinear}. */
export interface ElementWiseLinearOptions {
  /** C */
  readonly classes: number;
  /** D */
  readonly features: number;
  /** Whether each class has a bias. Default true. */
  readonly bias?: boolean;
  readonly random: RandomStream;
}

/**
 * One binary linear classifier per class, each on its own features: s_c = Σ_d x_cd·w_cd + b_c; [B, C, D] → [B, C].
 *
 * Weight and bias start from U(−1/√D, 1/√D), as in the released code.
 */
export class ElementWiseLinear extends Module {
  /** [C, D] */
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /** @throws OptionError */
  constructor(options: ElementWiseLinearOptions) {
    super();
    checkOptionNames('ElementWiseLinear', options, ['classes', 'features', 'bias', 'random']);
    const { classes, features, bias = true, random } = options;
    checkCount('ElementWiseLinear', 'options.classes', classes);
    checkCount('ElementWiseLinear', 'options.features', features);
    checkFlag('ElementWiseLinear', 'options.bias', bias);
    const fan = { fanIn: features, fanOut: 1 };
    this.weight = new Parameter(kaimingUniform()([classes, features], fan, random));
    this.bias = bias ? new Parameter(kaimingUniform()([classes], fan, random)) : undefined;
  }

  /** @throws ShapeError */
  forward(x: tf.Tensor3D): tf.Tensor2D {
    const { weight, bias } = this;
    const { B, C } = checkShapes('ElementWiseLinear.forward', { x: [x, 'B C D'], weight: [weight, 'C D'] });
    // Some engines fail on empty tensors.
    if (B === 0) return zerosBehind([0, C], x);
    return tf.tidy(() => {
      const y = tf.sum<tf.Tensor2D>(tf.mul(x, weight.variable), 2);
      return bias ? tf.add(y, bias.variable) : y;
    });
  }
}
