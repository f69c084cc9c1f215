import { compile, differentiate, disposeGradients } from '@ltml/tensor';
import type { Batch, Learner, StepContext } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow } from './row.ts';

/** What a learner trains on, again and again. */
export interface LearnerStep {
  readonly learner: Learner;
  readonly batch: Batch;
  readonly context: StepContext;
  readonly compiled: boolean;
}

/** A training step of a learner's first stage: forward, gradient, update. The row takes learner and batch over. */
export function prepareLearnerStep({ learner, batch, context, compiled }: LearnerStep): PreparedRow {
  const [stage] = learner.stages;
  const named = [...learner.trainableParameters()];
  const parameters = named.map(([, parameter]) => parameter);
  const optimizer = stage.optimizer(named);
  const train = (inputs: tf.Tensor, labels: tf.Tensor, known: tf.Tensor): { loss: tf.Scalar } => {
    const given = { inputs, labels: labels as tf.Tensor2D, known: known as tf.Tensor2D };
    const { loss, terms, gradients } = differentiate(() => stage.step(given, context), parameters);
    optimizer.step(gradients);
    disposeGradients(gradients);
    tf.dispose(terms);
    return { loss };
  };
  const step = compile(train, { name: 'a training step', eager: !compiled });
  return {
    async run() {
      const { loss } = step(batch.inputs, batch.labels, batch.known);
      await loss.data();
      loss.dispose();
    },
    dispose() {
      step.dispose();
      optimizer.dispose();
      learner.dispose();
      tf.dispose([batch.inputs, batch.labels, batch.known]);
    },
  };
}
