import type * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkFlag, checkOptionNames } from '../check-options.ts';
import { type Initializer, kaimingUniform } from '../init.ts';
import { Module, Parameter } from '../module.ts';
import { linear } from '../ops/linear.ts';
import type { RandomStream } from '../random.ts';

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** I, the number of input features. */
  readonly inFeatures: number;
  /** O, the number of output features. */
  readonly outFeatures: number;
  /** Whether a bias is added to each output; default true. */
  readonly bias?: boolean;
  /** Initial value of the weight; default PyTorch's, uniform in ±1 / √I. */
  readonly initializer?: Initializer;
  /** Initial value of the bias; default uniform in ±1 / √I. */
  readonly biasInitializer?: Initializer;
  /** The stream for the initial values. */
  readonly random: RandomStream;
}

/** Linear layer on the last axis, PyTorch's `nn.Linear`: [..., I] → [..., O]. */
export class Linear extends Module {
  /** [I, O]; [O, I] in PyTorch's files. */
  readonly weight: Parameter;
  /** [O] */
  readonly bias: Parameter | undefined;

  constructor(options: LinearOptions) {
    super();
    checkOptionNames('Linear', options, [
      ...['inFeatures', 'outFeatures', 'bias', 'initializer', 'biasInitializer', 'random'],
    ]);
    const { inFeatures, outFeatures, bias = true, random } = options;
    const { initializer = kaimingUniform(), biasInitializer = kaimingUniform() } = options;
    checkCount('Linear', 'options.inFeatures', inFeatures);
    checkCount('Linear', 'options.outFeatures', outFeatures);
    checkFlag('Linear', 'options.bias', bias);
    const fan = { fanIn: inFeatures, fanOut: outFeatures };
    this.weight = new Parameter(initializer([inFeatures, outFeatures], fan, random), { layout: 'OI' });
    this.bias = bias ? new Parameter(biasInitializer([outFeatures], fan, random)) : undefined;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return linear(x, this.weight.variable, this.bias?.variable);
  }
}
