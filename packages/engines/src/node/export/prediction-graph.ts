import type { GraphNode, NamedTensor } from '../compile/graph.ts';

/**
 * A function of tensors as a TensorFlow graph, for batches of any size. It has only TensorFlow's own ops, and variables
 * are constants.
 */
export interface PredictionGraph {
  /** Each node comes after its inputs. */
  readonly nodes: readonly GraphNode[];
  /** Inputs by name; the first axis, the batch, is −1. */
  readonly inputs: Readonly<Record<string, NamedTensor>>;
  /** Outputs by name; the first axis, the batch, is −1. */
  readonly outputs: Readonly<Record<string, NamedTensor>>;
}

/**
 * Records a function of tensors, so that it can be exported to other formats.
 *
 * It is recorded with batch sizes 2 and 3. What differs between both must depend on the batch size.
 *
 * @param inputs shape of one item of each input, without the batch axis, by name
 * @param predict maps inputs [B, …] to named outputs [B, …]; the rules of `compile` apply
 * @throws NotSupportedError on an engine other than TensorFlow, for something that can't be recorded, and if values
 * other than axes depend on the batch size
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
