import * as tf from '@tensorflow/tfjs-core';

/** Numbers of a step while they are on the device. */
export interface StepScalars {
  readonly loss: tf.Scalar;
  readonly terms: Readonly<Record<string, tf.Scalar>>;
  readonly gradientNorm?: tf.Scalar;
}

/** The same on the host. */
export interface StepNumbers {
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly gradientNorm?: number;
}

/**
 * Starts to bring the numbers of a step to the host: one transfer for all of them, and the only one the training loop
 * makes.
 *
 * The tensors are taken over. On an engine that computes ahead of its caller the promise settles when the device gets
 * there; whoever awaits it a step later does not stall the device.
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
