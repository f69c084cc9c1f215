import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';

/**
 * A kernel as loops over typed arrays, for engines whose tensors lie in the host's memory. One pass with all its
 * intermediate values in registers beats a chain of ops that each write a tensor.
 */
export interface HostKernel<Attributes = unknown> {
  readonly name: string;
  /** Shapes of the outputs, float32. */
  outputShapes(inputs: Readonly<Record<string, tf.TensorInfo>>, attributes: Attributes): readonly (readonly number[])[];
  /** Fills the outputs, which come with any values. */
  run(
    inputs: Readonly<Record<string, Float32Array>>,
    outputs: readonly Float32Array[],
    attributes: Attributes,
    shapes: Readonly<Record<string, readonly number[]>>,
  ): void;
}

/** What makes tensors and looks into them on one engine. */
export interface HostMemory {
  allocate(backend: tf.KernelBackend, shape: readonly number[]): tf.TensorInfo;
  /** A view. It may be lost at the next allocation. */
  view(backend: tf.KernelBackend, tensor: tf.TensorInfo): Float32Array;
}

/**
 * A host kernel as the engine's registry wants it.
 *
 * @param applies to which calls it applies; the others go to the engine's own kernel
 */
export function hostKernelOn<Attributes>(
  memory: HostMemory,
  kernel: HostKernel<Attributes>,
  applies: (inputs: Readonly<Record<string, tf.TensorInfo>>, attributes: Attributes) => boolean = () => true,
): Kernel {
  return {
    name: kernel.name,
    create:
      (original) =>
      ({ inputs: given, attrs, backend: anyBackend }) => {
        if (!applies(given as Record<string, tf.TensorInfo>, attrs as Attributes)) {
          return original!({ inputs: given, attrs, backend: anyBackend });
        }
        const backend = anyBackend as tf.KernelBackend;
        const inputs = given as Record<string, tf.TensorInfo>;
        const outputs = kernel
          .outputShapes(inputs, attrs as Attributes)
          .map((shape) => memory.allocate(backend, shape));
        kernel.run(
          mapValues(inputs, (tensor) => memory.view(backend, tensor)),
          outputs.map((tensor) => memory.view(backend, tensor)),
          attrs as Attributes,
          mapValues(inputs, (tensor) => tensor.shape),
        );
        return outputs.length === 1 ? outputs[0] : outputs;
      },
  };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
