import { LtmlError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

/**
 * Inputs of these shapes, some axes of which are empty; what is made of them; and the shapes of that, `refused` where nothing
 * has no value.
 */
export type NothingCase = readonly [
  inputs: readonly (readonly number[])[],
  run: (...inputs: tf.Tensor[]) => tf.TensorContainer | Promise<tf.TensorContainer>,
  gives: readonly (readonly number[])[] | 'refused',
];

/**
 * Of nothing functions make results of the right shapes, 0 where they have entries, or say what is wrong: no kernel's own
 * error, and nothing of foreign memory.
 */
export function describeNothing(cases: Readonly<Record<string, NothingCase>>): void {
  it.each(Object.entries(cases))('%s', async (_, [shapes, run, gives]) => {
    const inputs = shapes.map((shape) => tf.zeros([...shape]));
    // Something for foreign memory to be.
    tf.fill([64], 1234.5).dispose();
    if (gives === 'refused') {
      await expect((async () => run(...inputs))()).rejects.toSatisfy(LtmlError.is);
      return;
    }
    const made = await run(...inputs);
    const results = made instanceof tf.Tensor ? [made] : Object.values(made as Record<string, tf.Tensor>);
    expect(results.map(({ shape }) => shape)).toEqual(gives);
    for (const result of results)
      expect(Array.from(result.dataSync(), (value) => value + 0).every((v) => v === 0)).toBe(true);
    tf.dispose([inputs, results]);
  });
}
