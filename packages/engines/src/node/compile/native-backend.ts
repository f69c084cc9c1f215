import type * as tf from '@tensorflow/tfjs-core';

/** An attribute of a TensorFlow op, as the addon takes it. `type` is one of the binding's `TF_ATTR_*`. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** Facts about a tensor that the addon made. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** An entry of the backend's table of tensors: values that are still on the host, or the handle of a native tensor. */
export interface TensorEntry {
  readonly shape: number[];
  readonly dtype: number;
  readonly values: ArrayBufferView | null;
  readonly id: number;
  /** Number of tensors and variables that share the values. */
  readonly refCount: number;
}

/** The parts of tfjs-node's addon that compiling uses. */
export interface NativeBinding {
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_STRING: number;
  readonly TF_RESOURCE: number;
  loadSavedModel(directory: string, tags: string): number;
  runSavedModel(model: number, inputIds: number[], inputNames: string, outputNames: string): TensorMetadata[];
  deleteSavedModel(model: number): void;
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  /** A copy of the values. */
  tensorDataSync(id: number): ArrayBufferView;
  deleteTensor(id: number): void;
}

/** The parts of tfjs-node's backend that compiling uses. All kernels go through its two `execute` functions. */
export interface NativeBackend {
  readonly binding: NativeBinding;
  readonly isUsingGpuDevice?: boolean;
  readonly tensorMap: { get(dataId: object): TensorEntry; set(dataId: object, entry: TensorEntry): void };
  executeSingleOutput(op: string, attributes: readonly OpAttribute[], inputs: readonly tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  readSync(dataId: object): ArrayBufferView;
  /** Releases one reference to a tensor's values, or with `force` all. @returns whether the values were deleted */
  disposeData(dataId: object, force?: boolean): boolean;
}
