import { compile, differentiate, disposeGradients } from '@ltml/tensor';
import type { Batch, BatchInputs, Learner, StepContext } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { PreparedRow } from './row.ts';

/** A learner with the batch that it trains on repeatedly. */
export interface LearnerStep {
  readonly learner: Learner;
  readonly batch: Batch<BatchInputs>;
  readonly context: StepContext;
  readonly compiled: boolean;
}

/** A training step of a learner's first stage: forward, gradient, update. The row disposes learner and batch. */
export function prepareLearnerStep({ learner, batch, context, compiled }: LearnerStep): PreparedRow {
  const [stage] = learner.stages;
  const all = [...learner.trainableParameters()];
  const named = stage.trains ? all.filter(([name]) => stage.trains?.test(name)) : all;
  const parameters = named.map(([, parameter]) => parameter);
  const optimizer = stage.optimizer(named);
  const { inputs, labels, known } = batch;
  // A compiled step has tensors as arguments. So several views are passed one after the other.
  const views = inputs instanceof tf.Tensor ? undefined : Object.keys(inputs);
  const tensors: readonly tf.Tensor[] = inputs instanceof tf.Tensor ? [inputs] : Object.values(inputs);
  const train = (labels: tf.Tensor, known: tf.Tensor, ...tensors: tf.Tensor[]): { loss: tf.Scalar } => {
    const inputs = views ? Object.fromEntries(views.map((name, i) => [name, tensors[i]])) : tensors[0];
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
      const { loss } = step(labels, known, ...tensors);
      await loss.data();
      loss.dispose();
    },
    dispose() {
      step.dispose();
      optimizer.dispose();
      learner.dispose();
      tf.dispose([...tensors, labels, known]);
    },
  };
}
