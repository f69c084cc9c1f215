import { compile, type Module } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow } from '../../../packages/tensor/bench/row.ts';

/** Times a forward pass. The row disposes network and input. */
export function prepareForward(
  network: Module,
  input: tf.Tensor,
  compiled: boolean,
  forward: (x: tf.Tensor) => tf.Tensor,
): PreparedRow {
  const step = compile((x: tf.Tensor) => ({ output: forward(x) }), { name: 'encoding', eager: !compiled });
  return {
    async run() {
      const { output } = step(input);
      await output.data();
      output.dispose();
    },
    dispose() {
      step.dispose();
      network.dispose();
      input.dispose();
    },
  };
}
