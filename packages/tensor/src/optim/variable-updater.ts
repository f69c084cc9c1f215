import * as tf from '@tensorflow/tfjs-core';

/** A parameter with its slots, and the gradient for the update. */
export interface UpdateRow {
  readonly variables: readonly [parameter: tf.Variable, ...slots: tf.Variable[]];
  /** float32, with the parameter's shape. */
  readonly gradient: tf.Tensor;
}

/** The numbers for one update by `Sgd`; see its formula. */
export interface SgdNumbers {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly gain: number;
  readonly nesterov: boolean;
}

/** The numbers for one update by `Adam` or `AdamW`; see their formulas. */
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
 * Updates many variables in place in one call: one pass over memory instead of a dozen. Tensors that share a variable's
 * memory keep their values.
 */
export interface VariableUpdater {
  /** @param rows with no slot each, or with the velocity each */
  sgd(rows: readonly UpdateRow[], numbers: SgdNumbers): void;
  /** @param rows with both moments each */
  adam(rows: readonly UpdateRow[], numbers: AdamNumbers): void;
}

/** The property of a backend that holds its {@link VariableUpdater}. */
export const variableUpdaterKey: symbol = Symbol.for('@ltml/tensor/variable-updater');

/** The updater of the active engine; undefined if it has none. */
export function variableUpdater(): VariableUpdater | undefined {
  return Reflect.get(tf.backend(), variableUpdaterKey) as VariableUpdater | undefined;
}
