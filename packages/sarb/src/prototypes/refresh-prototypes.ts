import type { Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Where a learner keeps prototypes. */
export interface PrototypeBuffers {
  readonly prototypes: ModuleBuffer;
  readonly prototypeCounts: ModuleBuffer;
}

/** Puts prototypes that are computed anew into their buffers; the learner is in evaluation mode meanwhile. */
export async function refreshPrototypes(
  learner: Module,
  { prototypes, prototypeCounts }: PrototypeBuffers,
  compute: () => Promise<{ readonly prototypes: Float32Array; readonly counts: ArrayLike<number> }>,
): Promise<void> {
  const wasTraining = learner.training;
  learner.eval();
  try {
    const computed = await compute();
    tf.tidy(() => {
      // A training set without a known positive has no prototypes, not even their size.
      if (computed.prototypes.length > 0) {
        prototypes.variable.assign(tf.tensor(computed.prototypes, prototypes.shape));
      }
      prototypeCounts.variable.assign(tf.tensor(Float32Array.from(computed.counts), prototypeCounts.shape));
    });
  } finally {
    learner.train(wasTraining);
  }
}
