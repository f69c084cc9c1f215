import { DataError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

/** What a function makes of labels [2, 3], and of what of them is known where it asks for that. */
export interface LabelCase {
  run(labels: tf.Tensor2D, known?: tf.Tensor2D): tf.Tensor;
  /** Takes `known`. */
  readonly masked?: boolean;
}

const [labels, known] = [
  [1, 0, 0, 1, 1, 0],
  [1, 1, 0, 1, 0, 1],
];
const types = ['float32', 'int32', 'bool'] as const;

/** Labels and masks have one meaning whatever their type, and other numbers than 0 and 1 are refused by their place. */
export function describeLabels(cases: Readonly<Record<string, LabelCase>>): void {
  describe.each(Object.entries(cases))('%s', (_, { run, masked = false }) => {
    const value = (y: readonly number[], mask?: readonly number[], type: (typeof types)[number] = 'float32') =>
      tf.tidy(() => {
        const of = (values: readonly number[]) => tf.tensor2d([...values], [2, 3], type);
        return Array.from(run(of(y), mask && of(mask)).dataSync());
      });

    it('gives the same for labels and masks of every type', () => {
      for (const mask of masked ? [undefined, known] : [undefined]) {
        const expected = value(labels, mask);
        expect(expected.every(Number.isFinite)).toBe(true);
        for (const type of types) expectClose(value(labels, mask, type), expected, { relative: 1e-6 });
      }
    });

    it.each([-1, 0.5, 2, 257, Number.NaN, Infinity])('refuses %d by its place', (bad) => {
      const odd = [...labels.slice(0, 4), bad, 0];
      expect(() => value(odd)).toThrow(DataError);
      expect(() => value(odd)).toThrow(`labels should be 0 or 1 everywhere, got ${bad} at [1,1]`);
      if (!masked) return;
      const oddMask = [...known.slice(0, 5), bad];
      expect(() => value(labels, oddMask)).toThrow(DataError);
      expect(() => value(labels, oddMask)).toThrow(`known should be 0 or 1 everywhere, got ${bad} at [1,2]`);
    });
  });
}
