import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOp } from './raw-op.ts';

export interface NativeKernelShape {
  /** In the order of the op. */
  readonly inputs: readonly string[];
  /** The op's names by the kernel's; all are numbers. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** How many; default 1. */
  readonly outputs?: number;
}

/** A kernel that is the op `Ltml…` of `native/kernels`. */
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
