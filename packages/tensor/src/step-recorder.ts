import * as tf from '@tensorflow/tfjs-core';

/** An update of variables by one op of the engine that changes them in place. */
export interface InPlaceUpdate {
  /** TensorFlow's op; its first inputs are the resources of `variables`, in order. */
  readonly op: string;
  readonly variables: readonly tf.Variable[];
  /** The further inputs, with their values before the first of the updates. */
  readonly inputs: readonly tf.Tensor[];
  readonly attributes?: Readonly<Record<string, boolean>>;
}

/**
 * Computes the values of tensors on the host from those of others. It may overwrite the given values and return them, but
 * must not keep them.
 */
export type HostComputation = (values: readonly Float32Array[]) => readonly Float32Array[];

/** Receives calls while a step is recorded; see `compile`. */
export interface StepRecorder {
  /** A tensor that the host made for this run, its values, and the function that makes the values of the next run. */
  hostInput(tensor: tf.Tensor, values: Float32Array, fill: () => Float32Array): void;
  /** Tensors that the host computes from others while the step runs. */
  throughHost(inputs: readonly tf.Tensor[], results: readonly tf.Tensor[], compute: HostComputation): void;
  /** In-place updates; `eager` does the same with the engine's other ops. */
  updateInPlace(updates: readonly InPlaceUpdate[], eager: () => void): void;
}

/** The property of a backend that holds its recorder. */
export const stepRecorderKey: symbol = Symbol.for('@ltml/tensor/step-recorder');

/** The recorder of the current step; undefined if no step is being recorded. */
export function activeRecorder(): StepRecorder | undefined {
  return Reflect.get(tf.backend(), stepRecorderKey) as StepRecorder | undefined;
}

/** Whether a step is being recorded. Fast paths that read tensors on the host must then not be used. */
export function isRecordingStep(): boolean {
  return activeRecorder() !== undefined;
}
