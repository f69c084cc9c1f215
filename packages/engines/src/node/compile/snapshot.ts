import * as tf from '@tensorflow/tfjs-core';

/** The values of all variables at a moment. Holding it costs memory only for variables that are assigned meanwhile. */
export class Snapshot {
  readonly #values = Object.values(tf.engine().state.registeredVariables).map((variable) => ({
    variable,
    value: variable.clone(),
  }));

  /** Gives every variable the value it had. */
  restore(): void {
    for (const { variable, value } of this.#values) {
      if (!variable.isDisposed && variable.dataId !== value.dataId) variable.assign(value);
    }
  }

  dispose(): void {
    tf.dispose(this.#values.map(({ value }) => value));
  }
}
