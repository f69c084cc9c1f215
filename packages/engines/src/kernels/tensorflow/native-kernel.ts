import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOp } from './raw-op.ts';

/** Inputs, attributes and outputs of an op. */
export interface NativeKernelShape {
  /** Names of inputs, in the order of the op. */
  readonly inputs: readonly string[];
  /** Names of the op's attributes by those of the kernel; all are numbers. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Number of outputs; default 1. */
  readonly outputs?: number;
}

/** A kernel that calls the op `Ltml<name>` of `native/kernels`. */
export function nativeKernel(name: string, { inputs: order, attributes = {}, outputs = 1 }: NativeKernelShape): Kernel {
  return {
    name: `ltml/${name}`,
    create:
      () =>
      ({ inputs, attrs, backend }) => {
        const given = inputs as Record<string, tf.TensorInfo>;
        const floats = Object.fromEntries(
          Object.entries(attributes).map(([key, own]) => [own, (attrs as Record<string, number>)[key]]),
        );
        const operands = order.map((key) => given[key]);
        const results = runRawOp(backend, `Ltml${name}`, { floatTypes: [], floats }, operands, outputs);
        return outputs === 1 ? results[0] : results;
      },
  };
}
