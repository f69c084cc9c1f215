import type { UpdateRow, VariableUpdater } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './memory.ts';
import { SimdModule } from './simd/simd-module.ts';

/** The functions of simd/update.wat. */
const module = new SimdModule<'adam' | 'sgd'>('update');

/** Updates variables in place; undefined if SIMD is not supported. */
export function wasmUpdater(backend: WasmBackend): VariableUpdater | undefined {
  if (!module.on(backend)) return undefined;

  const update = (
    name: 'adam' | 'sgd',
    rows: readonly UpdateRow[],
    tensors: number,
    numbers: readonly number[],
  ): void => {
    for (const { variables, gradient } of rows) {
      for (const variable of variables) if (backend.refCount(variable.dataId) > 1) assignCopy(variable);
      const [parameter, ...slots] = variables;
      const places = [parameter, gradient, ...slots].map(({ dataId }) => backend.getMemoryOffset(dataId));
      const whole = { size: parameter.size, step: 4, multiplications: 16 * parameter.size };
      module.inParts(backend, name, whole, (begin, end) => [
        ...Array.from({ length: tensors }, (_, i) => (i < places.length ? places[i] + 4 * begin : 0)),
        end - begin,
        ...numbers,
      ]);
      forgetPacked(backend, parameter);
    }
  };

  return {
    sgd(rows, { learningRate, weightDecay, momentum, gain, nesterov }) {
      update('sgd', rows, 3, [learningRate, weightDecay, momentum, gain, nesterov ? 1 : 0]);
    },
    adam(rows, { beta1, gain1, beta2, gain2, stepSize, offset, coupled, kept }) {
      update('adam', rows, 4, [beta1, gain1, beta2, gain2, stepSize, offset, coupled, kept]);
    },
  };
}

/**
 * Makes the engine forget the packed copy of a parameter. Its matrix multiplications and convolutions keep one as long
 * as the tensor is registered, so it would have the old values.
 */
function forgetPacked({ wasm, dataIdMap }: WasmBackend, { dataId, size }: tf.Tensor): void {
  const { id, memoryOffset } = dataIdMap.get(dataId);
  wasm.tfjs.disposeData(id);
  wasm.tfjs.registerTensor(id, size, memoryOffset);
}

/** Gives the variable memory of its own. Tensors that shared its old memory keep their values. */
function assignCopy(variable: tf.Variable): void {
  const copy = tf.tensor(variable.dataSync(), variable.shape, 'float32');
  variable.assign(copy);
  copy.dispose();
}
