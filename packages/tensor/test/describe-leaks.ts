import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

type Made = tf.TensorContainer | undefined;

/** What a case takes a gradient by, if it has one, and what it does with it. */
export type LeakCase = readonly [x: tf.Tensor | null, run: (x: tf.Tensor) => Made | Promise<Made>];

export interface ExportedOps {
  /** The package. */
  readonly exported: object;
  /** Every export that works on tensors, by its name, which a method or words may follow: `Mkt.score`, `dsclLoss with ε`. */
  readonly ops: Readonly<Record<string, LeakCase>>;
  /** Exports that have nothing to do with tensors. */
  readonly others: readonly string[];
  /** Cases without a gradient by what they are given. */
  readonly constant?: readonly string[];
}

/** Tests that no op of a package leaves a tensor behind, with its gradient and without, and that no op is forgotten. */
export function describeLeaks({ exported, ops, others, constant = [] }: ExportedOps): void {
  it.each(Object.entries(ops))('%s leaves nothing behind but what it gives, outside a tidy too', async (name, op) => {
    const [x, run] = op;
    const before = tf.memory().numTensors;
    const made = run(x as tf.Tensor);
    tf.dispose((await made) as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(before);
    if (!x || made instanceof Promise || constant.includes(name)) return;
    if (x instanceof tf.Variable) tf.dispose(tf.variableGrads(() => total(run(x)), [x]));
    else tf.grad((input) => total(run(input)))(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('looks at every export', () => {
    const named = Object.keys(ops).map((name) => name.split(/[ .]/)[0]);
    expect(Object.keys(exported).filter((name) => !named.includes(name) && !others.includes(name))).toEqual([]);
    expect(others.filter((name) => !(name in exported))).toEqual([]);
  });
}

/** The sum of all that was made, to differentiate. */
function total(made: unknown): tf.Scalar {
  const tensors = made instanceof tf.Tensor ? [made] : Object.values(made as Record<string, tf.Tensor>);
  return tf.addN(tensors.map((x) => tf.sum<tf.Scalar>(x)));
}
