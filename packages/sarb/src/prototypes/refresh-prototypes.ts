import type { Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** The buffers in which a learner keeps prototypes. */
export interface PrototypeBuffers {
  readonly prototypes: ModuleBuffer;
  readonly prototypeCounts: ModuleBuffer;
}

/** Computes prototypes anew and stores them in the learner's buffers. Meanwhile the learner is in evaluation mode. */
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
      // Without a known positive in the training set, there are no prototypes and D is unknown.
      if (computed.prototypes.length > 0) {
        prototypes.variable.assign(tf.tensor(computed.prototypes, prototypes.shape));
      }
      prototypeCounts.variable.assign(tf.tensor(Float32Array.from(computed.counts), prototypeCounts.shape));
    });
  } finally {
    learner.train(wasTraining);
  }
}
