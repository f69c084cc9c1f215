import type { UpdateRow, VariableUpdater } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import { FetchedEntry } from '../compile/fetched-entry.ts';
import type { NativeBackend } from '../compile/native-backend.ts';
import type { OwnBinding } from './own-binding.ts';

/** Rows per call. A call can take about a thousand tensors. */
const mostRows = 200;

/**
 * Updates variables in place with the ops of native/kernels/update.cc. Undefined if the addon can't give variables
 * memory of their own.
 */
export function nativeUpdater(backend: NativeBackend): VariableUpdater | undefined {
  const binding = backend.binding as Partial<OwnBinding> & NativeBackend['binding'];
  const { takeTensor } = binding;
  if (!takeTensor) return undefined;

  /** Gives a variable memory of its own. Its new table entry tells compiled steps that the value has changed. */
  const own = (variable: tf.Variable): void => {
    const entry = backend.tensorMap.get(variable.dataId) as { id: number; refCount: number; dtype: number };
    const isLast = entry.refCount === 1 && !(entry instanceof FetchedEntry);
    const [id] = backend.getInputTensorIds([variable]);
    const taken = takeTensor(id, isLast);
    if (isLast) entry.id = -1;
    const value = backend.createOutputTensor({ id: taken, shape: variable.shape, dtype: entry.dtype });
    variable.assign(value);
    value.dispose();
  };

  const update = (op: string, rows: readonly UpdateRow[], numbers: readonly number[]): void => {
    for (let start = 0; start < rows.length; start += mostRows) {
      const some = rows.slice(start, start + mostRows);
      for (const { variables } of some) for (const variable of variables) own(variable);
      const tensors = some.flatMap(({ variables: [parameter, ...slots], gradient }) => [parameter, gradient, ...slots]);
      const count = { name: 'count', type: backend.binding.TF_ATTR_INT, value: tensors.length };
      const first = tf.tensor1d([...numbers]);
      backend.executeMultipleOutputs(op, [count], [first, ...tensors], 0);
      first.dispose();
    }
  };

  return {
    sgd(rows, { learningRate, weightDecay, momentum, gain, nesterov }) {
      const op = rows.some(({ variables }) => variables.length > 1) ? 'LtmlMomentum' : 'LtmlSgd';
      update(op, rows, [learningRate, weightDecay, momentum, gain, nesterov ? 1 : 0]);
    },
    adam(rows, { beta1, gain1, beta2, gain2, stepSize, offset, coupled, kept }) {
      update('LtmlAdam', rows, [beta1, gain1, beta2, gain2, stepSize, offset, coupled, kept]);
    },
  };
}
