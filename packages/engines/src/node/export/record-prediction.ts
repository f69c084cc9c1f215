import { NotSupportedError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend } from '../compile/native-backend.ts';
import { type Recording, record } from '../compile/record.ts';
import { withoutNativeKernels } from '../native/kernels.ts';
import { joinBatches } from './join-batches.ts';
import type { PredictionGraph } from './prediction-graph.ts';

/**
 * Records a function of tensors, so that it can be written in the formats of other programs.
 *
 * It is recorded with a batch of two and with a batch of three; what differs between both depends on the batch.
 *
 * @param inputs axes of one item of each input, by name
 * @param predict from inputs [B, …] to named outputs [B, …]; the rules of `compile` hold
 * @throws NotSupportedError on an engine other than TensorFlow, for what can't be recorded, and for values other than axes
 *   that depend on the size of the batch
 */
export function recordPrediction(
  inputs: Readonly<Record<string, readonly number[]>>,
  predict: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): PredictionGraph {
  const where = 'recordPrediction';
  if (!tf.getBackend().startsWith('tensorflow')) {
    throw new NotSupportedError({
      where,
      argument: 'the engine',
      expected: 'a TensorFlow engine',
      received: tf.getBackend(),
      hint: '`ltml native install` installs one.',
    });
  }
  const [two, three] = withoutNativeKernels(() => [2, 3].map((batch) => recordBatch(where, batch, inputs, predict)));
  return joinBatches(where, Object.keys(inputs), two, three);
}

function recordBatch(
  name: string,
  batch: number,
  inputs: Readonly<Record<string, readonly number[]>>,
  predict: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): Recording {
  const given = Object.fromEntries(
    Object.entries(inputs).map(([key, shape]) => [key, tf.zeros([batch, ...shape])] as const),
  );
  const refuse = (error: Error): never => {
    throw error;
  };
  try {
    const backend = tf.backend() as unknown as NativeBackend;
    const options = { name, frozen: true, keepValues: false, refuse };
    const { recording, outputs } = record(backend, Object.values(given), () => predict(given), options);
    tf.dispose(outputs);
    return recording;
  } finally {
    tf.dispose(given);
  }
}
