import * as tf from '@tensorflow/tfjs-core';
import { fromHost } from './host-input.ts';
import type { Module } from './module.ts';
import { customGradient } from './ops/custom-gradient.ts';
import { isRecordingStep } from './step-recorder.ts';

/**
 * Runs a part of a network without keeping what its gradient needs; the backward pass runs it once more to get it
 * (gradient checkpointing). Costs one more forward pass of the part and saves the memory of its activations.
 *
 * Values and gradients are those of the plain call. Buffers, such as running statistics, move once.
 *
 * @param module holds all parameters that `forward` uses; the frozen ones get no gradient
 * @param forward a pure function of its input, of the module and of nothing random
 * Source: Chen et al. 2016, section 4.
 */
export function recompute<X extends tf.Tensor, Y extends tf.Tensor>(module: Module, forward: (x: X) => Y, x: X): Y {
  const variables = [...module.trainableParameters()].map(([, { variable }]) => variable);
  return customGradient(
    [x, ...variables],
    () => ({ value: forward(x), saved: [x] }),
    (dy, [x]) => {
      const inputs = [x, ...variables];
      const kept = [...module.namedBuffers()].map(([, { variable }]) => [variable, tf.clone(variable)] as const);
      const grads = nestedGradients(() => forward(laterThan(dy, x)), inputs, dy);
      for (const [variable, value] of kept) variable.assign(value);
      return inputs.map((input, i) => grads[i] ?? tf.zerosLike(input));
    },
  );
}

/** Gradients within a backward pass, which the engine does not expect: it would lose the tape it is going through. */
function nestedGradients(forward: () => tf.Tensor, inputs: tf.Tensor[], dy: tf.Tensor): (tf.Tensor | undefined)[] {
  const { state } = tf.engine();
  const tape = state.activeTape;
  try {
    return tf.engine().gradients(forward, inputs, dy, true).grads;
  } finally {
    state.activeTape = tape;
  }
}

/**
 * x, but in a graph not before dy is known. A graph would else compute the part in the forward pass already, or see that
 * it has been computed and keep everything after all.
 */
function laterThan<X extends tf.Tensor>(dy: tf.Tensor, x: X): X {
  if (!isRecordingStep()) return x;
  const first = tf.slice(tf.reshape(dy, [-1]), [0], [1]);
  const zero = fromHost([1], () => Float32Array.of(0));
  return tf.add<X>(x, tf.mul(first, zero));
}
