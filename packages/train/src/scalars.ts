import * as tf from '@tensorflow/tfjs-core';

/** Loss, terms and gradient norm of a step, on the device. */
export interface StepScalars {
  readonly loss: tf.Scalar;
  readonly terms: Readonly<Record<string, tf.Scalar>>;
  readonly gradientNorm?: tf.Scalar;
}

/** Loss, terms and gradient norm of a step, on the host. */
export interface StepNumbers {
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly gradientNorm?: number;
}

/**
 * Starts to read the numbers of a step from the device. It is a single transfer, and the only one of the training loop.
 *
 * Disposes of the scalars. If the engine computes ahead of its caller, the promise resolves when the device has
 * finished the step. Awaiting it one step later does not block the device.
 */
export async function readScalars({ loss, terms, gradientNorm }: StepScalars): Promise<StepNumbers> {
  const scalars = [loss, ...Object.values(terms), ...(gradientNorm ? [gradientNorm] : [])];
  const packed = tf.stack(scalars);
  tf.dispose(scalars);
  const values = await packed.data();
  packed.dispose();
  const names = Object.keys(terms);
  return {
    loss: values[0],
    terms: Object.fromEntries(names.map((name, i) => [name, values[i + 1]])),
    ...(gradientNorm && { gradientNorm: values[names.length + 1] }),
  };
}
