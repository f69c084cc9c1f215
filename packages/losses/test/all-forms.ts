import * as tf from '@tensorflow/tfjs-core';

/** Runs with no kernel of ours for whole losses. */
function withoutKernels<T>(run: () => T): T {
  const kernels = tf
    .getKernelsForBackend(tf.getBackend())
    .filter(({ kernelName }) => /^ltml\/.*(Loss|Regularizer)$/.test(kernelName));
  for (const { kernelName, backendName } of kernels) tf.unregisterKernel(kernelName, backendName);
  try {
    return run();
  } finally {
    for (const kernel of kernels) tf.registerKernel(kernel);
  }
}

/** Where the engine's recorder of steps hangs itself up; while it hangs there, nothing may be read back. */
export const recorder: symbol = Symbol.for('@ltml/tensor/step-recorder');

/** Value and gradient: by the engine's kernel where it has one, on the host where it prefers that, and as a step is recorded. */
export function allForms(
  loss: (x: tf.Tensor2D) => tf.Tensor,
  x: number[][],
): { kernel: number[]; host: number[]; composed: number[] } {
  const read = (): number[] =>
    tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((scores) => loss(scores as tf.Tensor2D) as tf.Scalar)(tf.tensor2d(x));
      return [...value.dataSync(), ...grad.dataSync()];
    });
  const kernel = read();
  const host = withoutKernels(read);
  Reflect.set(tf.backend(), recorder, {});
  try {
    return { kernel, host, composed: withoutKernels(read) };
  } finally {
    Reflect.deleteProperty(tf.backend(), recorder);
  }
}
