import { DataError, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type ReflectLabelsOptions, reflectiveLabelCorrection, reflectLabels } from '../src/index.ts';

it('refuses classes without images, and options that it does not have', () => {
  tf.tidy(() => {
    const [x, y] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 0]])];
    const reflect = (counts: number[], options: ReflectLabelsOptions) => {
      const n = tf.tensor1d(counts);
      return reflectLabels(x, y, { initial: n, counts: n, epoch: 0 }, options);
    };
    expect(() => reflect([3, 0], { epoch: 1 })).toThrow(DataError);
    expect(() => reflect([3, 0], { epoch: 1 })).toThrow('state.initial[1] should be above 0, got 0');
    const mean = { epoch: 1, reduction: 'mean' } as const;
    expect(() => reflect([3, 1], mean)).toThrow(OptionError);
    const reflected = reflect([3, 1], { epoch: 1 });
    const options = { reduction: 'mean' } as object;
    expect(() => reflectiveLabelCorrection(x, y, reflected, options)).toThrow('the unknown option "reduction"');
  });
});
