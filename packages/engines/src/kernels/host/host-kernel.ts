import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';

/**
 * A kernel as loops over typed arrays, for engines whose tensors are in host memory. One pass that keeps intermediate
 * values in registers is faster than a chain of ops that each write a tensor.
 */
export interface HostKernel<Attributes = unknown> {
  readonly name: string;
  /** Shapes of the outputs, which are float32. */
  outputShapes(inputs: Readonly<Record<string, tf.TensorInfo>>, attributes: Attributes): readonly (readonly number[])[];
  /** Fills the outputs. Their initial values are arbitrary. */
  run(
    inputs: Readonly<Record<string, Float32Array>>,
    outputs: readonly Float32Array[],
    attributes: Attributes,
    shapes: Readonly<Record<string, readonly number[]>>,
  ): void;
}

/** Access to an engine's tensors in host memory. */
export interface HostMemory {
  /** Makes an uninitialised float32 tensor. */
  allocate(backend: tf.KernelBackend, shape: readonly number[]): tf.TensorInfo;
  /** Values of a tensor, without copying. The view may become invalid at the next allocation. */
  view(backend: tf.KernelBackend, tensor: tf.TensorInfo): Float32Array;
}

/**
 * Makes an engine's kernel from a host kernel.
 *
 * @param applies which calls it handles; the others go to the engine's own kernel
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
