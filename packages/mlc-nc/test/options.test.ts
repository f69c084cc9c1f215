import { readFileSync } from 'node:fs';
import * as mlcNc from '@ltml/mlc-nc';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  anything,
  count,
  describeOptions,
  flag,
  type OptionsRow,
  positive,
  share,
} from '../../tensor/test/describe-options.ts';

const [features, vectors, labels] = [
  tf.ones<tf.Rank.R3>([1, 2, 3]),
  tf.ones<tf.Rank.R2>([2, 3]),
  tf.tensor2d([[1, 0]]),
];
const outputs = {
  logits: tf.zeros<tf.Rank.R2>([1, 2]),
  classFeatures: features,
  projected: features,
  classVectors: vectors,
  prototypes: vectors,
};

/** Every function, by the name of the type of its options. */
const rows: Readonly<Record<string, readonly OptionsRow[]>> = {
  AlignmentOptions: [
    {
      call: (options) => mlcNc.featureLabelAlignment(features, vectors, labels, options),
      valid: {},
      options: { known: anything, epsilon: positive },
    },
  ],
  MlcNcHeadOptions: [
    {
      call: (options) => new mlcNc.MlcNcHead(options),
      valid: { features: 2, classes: 2, width: 4, projection: 2, heads: 2, random: new RandomStreams(1) },
      options: {
        features: count(),
        classes: count(2),
        width: count(),
        projection: count(),
        heads: count(),
        dropout: share,
        alpha: positive,
        trainClassifier: flag,
        random: anything,
      },
    },
  ],
  MlcNcLossOptions: [
    {
      call: (options) => mlcNc.mlcNcLoss(outputs, labels, options),
      valid: {},
      options: { known: anything, weights: (value) => value === undefined },
    },
  ],
  PrototypeContrastOptions: [
    {
      call: (options) => mlcNc.prototypeContrast(features, vectors, labels, options),
      valid: {},
      options: { known: anything, temperature: positive },
    },
  ],
};

describeOptions(rows, readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8'));
