import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkFlag, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';
import { type Initializer, kaimingUniform } from '../init.ts';
import { Module, Parameter } from '../module.ts';
import { type Conv2dOptions, conv2d } from '../ops/conv2d.ts';
import { type Pair, readPair } from '../ops/window.ts';
import type { RandomStream } from '../random.ts';

/** Options of {@link Conv2d}. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** I, the number of input channels. */
  readonly inChannels: number;
  /** O, the number of output channels. */
  readonly outChannels: number;
  /** Height and width of the filter. */
  readonly kernel: Pair;
  /** Whether a bias is added to each output channel; default true. */
  readonly bias?: boolean;
  /** Initial value of the weight; default PyTorch's, uniform in ±1 / √fanIn. The bias always uses this default. */
  readonly initializer?: Initializer;
  /** The stream for the initial values. */
  readonly random: RandomStream;
}

/** 2D convolution with its own weight, PyTorch's `nn.Conv2d`: [B, H, W, I] → [B, H′, W′, O]. */
export class Conv2d extends Module {
  /** [kH, kW, I / groups, O]; [O, I / groups, kH, kW] in PyTorch's files. */
  readonly weight: Parameter;
  /** [O] */
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups. */
  readonly window: Conv2dOptions;

  constructor(options: Conv2dLayerOptions) {
    super();
    checkOptionNames('Conv2d', options, [
      ...['inChannels', 'outChannels', 'kernel', 'stride', 'padding', 'dilation', 'groups', 'bias'],
      ...['initializer', 'random'],
    ]);
    const { inChannels, outChannels, kernel, bias = true, initializer = kaimingUniform(), random } = options;
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    checkCount('Conv2d', 'options.inChannels', inChannels);
    checkCount('Conv2d', 'options.outChannels', outChannels);
    checkCount('Conv2d', 'options.groups', groups);
    checkFlag('Conv2d', 'options.bias', bias);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new OptionError({
        where: 'Conv2d',
        argument: 'options.groups',
        expected: `a divisor of the channels in and out, ${inChannels} and ${outChannels}`,
        received: `${groups}`,
      });
    }
    const [kH, kW] = readPair('Conv2d', 'kernel', kernel, 1);
    readPair('Conv2d', 'stride', stride, 1);
    readPair('Conv2d', 'padding', padding, 0);
    readPair('Conv2d', 'dilation', dilation, 1);
    const shape = [kH, kW, inChannels / groups, outChannels];
    const fan = { fanIn: (kH * kW * inChannels) / groups, fanOut: kH * kW * outChannels };
    this.weight = new Parameter(initializer(shape, fan, random), { layout: 'OIHW' });
    this.bias = bias ? new Parameter(kaimingUniform()([outChannels], fan, random)) : undefined;
    this.window = { stride, padding, dilation, groups };
  }

  forward(x: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const y = conv2d(x, this.weight.variable, this.window);
      return this.bias ? tf.add(y, this.bias.variable) : y;
    });
  }
}
