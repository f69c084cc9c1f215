import { readFileSync } from 'node:fs';
import * as ram from '@ltml/ram';
import * as tf from '@tensorflow/tfjs-core';
import { count, describeOptions, notNegative, type OptionsRow, positive } from '../../tensor/test/describe-options.ts';

/** Every function, by the name of the type of its options. */
const rows: Readonly<Record<string, readonly OptionsRow[]>> = {
  MatchingHeadOptions: [
    {
      call: (options) => new ram.MatchingHead(options),
      valid: {},
      options: {
        temperature: positive,
        localTemperature: positive,
        logitScale: positive,
        regularization: positive,
        teacherWeight: notNegative,
        weightTemperature: positive,
        teacherSharpness: positive,
      },
    },
  ],
  SinkhornOptions: [
    {
      call: (options) => ram.sinkhorn(tf.fill([1, 2], 0.5), tf.fill([1, 2], 0.5), tf.ones([1, 2, 2]), options),
      valid: {},
      options: { regularization: positive, iterations: count(), threshold: notNegative },
    },
  ],
};

describeOptions(rows, readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8'));
