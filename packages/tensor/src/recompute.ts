import * as tf from '@tensorflow/tfjs-core';
import { fromHost } from './host-input.ts';
import type { Module } from './module.ts';
import { customGradient } from './ops/custom-gradient.ts';
import { isRecordingStep } from './step-recorder.ts';

/**
 * Gradient checkpointing: runs a part of a network without keeping its activations. The backward pass runs the part
 * again to get them. It costs one more forward pass and saves the memory of the activations.
 *
 * Values and gradients equal those of the plain call. Buffers, e.g. running statistics, are updated once.
 *
 * @param module contains all parameters that `forward` uses; frozen ones get no gradient
 * @param forward a pure function of its input and the module, without random numbers
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

/** Gradients inside a backward pass. The engine does not expect that, and would lose the tape it is working on. */
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
 * Returns x, but in a graph not before dy is known. Otherwise a graph could compute the part already in the forward
 * pass, or notice that it has been computed, and keep all activations.
 */
function laterThan<X extends tf.Tensor>(dy: tf.Tensor, x: X): X {
  if (!isRecordingStep()) return x;
  const first = tf.slice(tf.reshape(dy, [-1]), [0], [1]);
  const zero = fromHost([1], () => Float32Array.of(0));
  return tf.add<X>(x, tf.mul(first, zero));
}
