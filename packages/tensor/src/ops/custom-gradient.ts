import * as tf from '@tensorflow/tfjs-core';

/**
 * `tf.customGrad` with types: an op with its gradient in closed form.
 *
 * Tensors that the gradient needs, including inputs, must be in `saved`; all others may be disposed by then.
 *
 * @param gradient returns one tensor for each input
 */
export function customGradient<Value extends tf.Tensor, const Saved extends readonly tf.Tensor[]>(
  inputs: readonly tf.Tensor[],
  forward: () => { readonly value: Value; readonly saved: Saved },
  gradient: (dy: Value, saved: Saved) => tf.Tensor[],
): Value {
  const op = tf.customGrad((...args) => {
    const { value, saved } = forward();
    const save = args[inputs.length] as (tensors: tf.Tensor[]) => void;
    save([...saved]);
    return { value, gradFunc: (dy: Value, kept: tf.Tensor[]) => tf.tidy(() => gradient(dy, kept as unknown as Saved)) };
  });
  return op(...inputs);
}

/**
 * Returns a by-product of a {@link customGradient}: keep it with `tf.keep` inside and pass it through this function
 * outside. No gradient flows through it.
 */
export function handOver<T extends tf.Tensor>(kept: T): T {
  const handed = tf.clone(kept);
  kept.dispose();
  return handed;
}
