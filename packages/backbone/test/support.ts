import { type HostTensor, type Module, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Standard normal values from a seed. */
export function randomTensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(randomValues(shape, seed), [...shape]);
}

/** The same on the host. */
export function randomHost(shape: readonly number[], seed: number): HostTensor {
  return { dtype: 'F32', shape, data: randomValues(shape, seed) };
}

function randomValues(shape: readonly number[], seed: number): Float32Array {
  const random = new RandomStream(seed);
  return Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => random.normal());
}

export function parameterCount(module: Module): number {
  return [...module.namedParameters()].reduce((sum, [, { variable }]) => sum + variable.size, 0);
}

export function stateNames(module: Module): string[] {
  return [...module.namedState()].map(([name]) => name);
}
