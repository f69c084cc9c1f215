import * as tf from '@tensorflow/tfjs-core';

/** The values of all variables at one moment. It only needs memory for variables that are assigned afterwards. */
export class Snapshot {
  readonly #values = Object.values(tf.engine().state.registeredVariables).map((variable) => ({
    variable,
    value: variable.clone(),
  }));

  /** Gives each variable its old value. */
  restore(): void {
    for (const { variable, value } of this.#values) {
      if (!variable.isDisposed && variable.dataId !== value.dataId) variable.assign(value);
    }
  }

  dispose(): void {
    tf.dispose(this.#values.map(({ value }) => value));
  }
}
