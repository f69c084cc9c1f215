import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOpOnce } from './raw-op.ts';

/** `tf.searchSorted`, which the engine lacks. */
export const searchSorted: Kernel = {
  name: 'SearchSorted',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { sortedSequence, values } = inputs as Record<string, tf.Tensor>;
      const op = (attrs as { side: string }).side === 'left' ? 'LowerBound' : 'UpperBound';
      const types = { T: values.dtype as 'float32' | 'int32', out_type: 'int32' } as const;
      return runRawOpOnce(backend, op, { floatTypes: [], types }, [sortedSequence, values]);
    },
};
