import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkNumber } from './check-options.ts';
import type { RandomStream } from './random.ts';

/**
 * How many inputs a weight sums over and how many outputs it feeds. For a convolution: taps × channels of one group.
 */
export interface Fan {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Makes the initial value of a weight, in memory order. */
export type Initializer = (shape: number[], fan: Fan, random: RandomStream) => tf.Tensor;

/**
 * Kaiming uniform with leak a: U(−b, b), b = √(6 / ((1 + a²) · fanIn)).
 *
 * PyTorch's layers use a = √5, which makes b = 1 / √fanIn.
 *
 * @throws OptionError
 * Source: He et al. 2015, section 2.2.
 */
export function kaimingUniform(a: number = Math.sqrt(5)): Initializer {
  checkNumber('kaimingUniform', 'a', a);
  return (shape, { fanIn }, random) => {
    const bound = Math.sqrt(6 / ((1 + a * a) * fanIn));
    return fill(shape, () => random.uniform(-bound, bound));
  };
}

/** Kaiming normal for ReLU: N(0, 2 / fan). ResNets use `fanOut`. Source: He et al. 2015. @throws OptionError */
export function kaimingNormal(mode: 'fanIn' | 'fanOut' = 'fanIn'): Initializer {
  checkChoice('kaimingNormal', 'mode', mode, ['fanIn', 'fanOut']);
  return (shape, fan, random) => {
    const deviation = Math.sqrt(2 / fan[mode]);
    return fill(shape, () => random.normal(0, deviation));
  };
}

/** Normal: N(mean, standardDeviation²). @throws OptionError */
export function normal(mean: number, standardDeviation: number): Initializer {
  checkNumber('normal', 'mean', mean);
  checkNumber('normal', 'standardDeviation', standardDeviation, { min: 0 });
  return (shape, _, random) => fill(shape, () => random.normal(mean, standardDeviation));
}

/** The same value everywhere. It draws no random numbers. @throws OptionError */
export function constant(value: number): Initializer {
  checkNumber('constant', 'value', value);
  return (shape) => tf.fill(shape, value);
}

function fill(shape: number[], draw: () => number): tf.Tensor {
  return tf.tensor(Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, draw), shape);
}
