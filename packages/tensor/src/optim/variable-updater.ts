import * as tf from '@tensorflow/tfjs-core';

/** A parameter and its slots, and the gradient that they are updated by. */
export interface UpdateRow {
  readonly variables: readonly [parameter: tf.Variable, ...slots: tf.Variable[]];
  /** float32, of the parameter's shape. */
  readonly gradient: tf.Tensor;
}

/** The numbers of one update by `Sgd`, whose formula is there. */
export interface SgdNumbers {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly gain: number;
  readonly nesterov: boolean;
}

/** The numbers of one update by `Adam` and `AdamW`, whose formula is there. */
export interface AdamNumbers {
  readonly beta1: number;
  readonly gain1: number;
  readonly beta2: number;
  readonly gain2: number;
  readonly stepSize: number;
  readonly offset: number;
  readonly coupled: number;
  readonly kept: number;
}

/**
 * What updates many variables by one call, where they are: one pass over memory instead of a dozen. Tensors that share a
 * variable's memory keep their values.
 */
export interface VariableUpdater {
  /** @param rows without a slot, or all with the velocity */
  sgd(rows: readonly UpdateRow[], numbers: SgdNumbers): void;
  /** @param rows with both moments */
  adam(rows: readonly UpdateRow[], numbers: AdamNumbers): void;
}

/** Where an engine hangs up the one it offers, on its backend. */
export const variableUpdaterKey: symbol = Symbol.for('@ltml/tensor/variable-updater');

/** The one of the active engine. */
export function variableUpdater(): VariableUpdater | undefined {
  return Reflect.get(tf.backend(), variableUpdaterKey) as VariableUpdater | undefined;
}
