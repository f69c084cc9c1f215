import * as tf from '@tensorflow/tfjs-core';

/** An update of variables by one op of the engine that changes them where they are. */
export interface InPlaceUpdate {
  /** TensorFlow's op, whose first inputs are the resources of `variables`, in order. */
  readonly op: string;
  readonly variables: readonly tf.Variable[];
  /** Its further inputs, as they are before the first of the updates. */
  readonly inputs: readonly tf.Tensor[];
  readonly attributes?: Readonly<Record<string, boolean>>;
}

/** What listens while a step is recorded; see {@link compile}. */
export interface StepRecorder {
  /** A tensor that the host made for this run, its values, and what makes those of the next one. */
  hostInput(tensor: tf.Tensor, values: Float32Array, fill: () => Float32Array): void;
  /** A tensor that the host makes of another one while the step runs. */
  throughHost(x: tf.Tensor, result: tf.Tensor, compute: (values: Float32Array) => Float32Array): void;
  /** Updates in place; `eager` does the same with the engine's other ops. */
  updateInPlace(updates: readonly InPlaceUpdate[], eager: () => void): void;
}

/** Where a recorder hangs itself up on the backend. */
export const stepRecorderKey: symbol = Symbol.for('@ltml/tensor/step-recorder');

/** The recorder of the step that runs now, if it is being recorded. */
export function activeRecorder(): StepRecorder | undefined {
  return Reflect.get(tf.backend(), stepRecorderKey) as StepRecorder | undefined;
}

/** Whether a step is being recorded now: a fast path that reads tensors on the host must then be left alone. */
export function isRecordingStep(): boolean {
  return activeRecorder() !== undefined;
}
