import type * as tf from '@tensorflow/tfjs-core';

/** What our kernels use of the plain JavaScript engine. */
export interface CpuBackend {
  readonly data: { get(dataId: tf.TensorInfo['dataId']): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}
