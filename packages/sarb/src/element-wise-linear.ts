import { checkShapes, kaimingUniform, Module, Parameter, type RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

export interface ElementWiseLinearOptions {
  /** C */
  readonly classes: number;
  /** D */
  readonly features: number;
  /** Whether each class has a bias; default true. */
  readonly bias?: boolean;
  readonly random: RandomStream;
}

/**
 * A binary classifier for each class on features of its own: s_c = Σ_d x_cd·w_cd + b_c; [B, C, D] → [B, C].
 *
 * Weight and bias start from U(−1/√D, 1/√D), as in the released code.
 */
export class ElementWiseLinear extends Module {
  /** [C, D] */
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor({ classes, features, bias = true, random }: ElementWiseLinearOptions) {
    super();
    const fan = { fanIn: features, fanOut: 1 };
    this.weight = new Parameter(kaimingUniform()([classes, features], fan, random));
    this.bias = bias ? new Parameter(kaimingUniform()([classes], fan, random)) : undefined;
  }

  /** @throws ShapeError */
  forward(x: tf.Tensor3D): tf.Tensor2D {
    const { weight, bias } = this;
    checkShapes('ElementWiseLinear.forward', { x: [x, 'B C D'], weight: [weight, 'C D'] });
    const y = tf.sum<tf.Tensor2D>(tf.mul(x, weight.variable), 2);
    return bias ? tf.add(y, bias.variable) : y;
  }
}
