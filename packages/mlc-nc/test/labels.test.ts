import { featureLabelAlignment, mlcNcLoss, prototypeContrast, prototypeMeans } from '@ltml/mlc-nc';
import * as tf from '@tensorflow/tfjs-core';
import { describeLabels } from '../../tensor/test/describe-labels.ts';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 1, 'float32', seed);

const logits = normal<tf.Rank.R2>([2, 3], 1);
const [features, vectors] = [normal<tf.Rank.R3>([2, 3, 4], 2), normal<tf.Rank.R2>([3, 4], 3)];
const outputs = { logits, classFeatures: features, projected: features, classVectors: vectors, prototypes: vectors };
const start = { sums: tf.zeros<tf.Rank.R2>([3, 4]), counts: tf.zeros<tf.Rank.R1>([3]) };
const maskOf = (known: tf.Tensor2D | undefined) => (known ? { known } : {});

describeLabels({
  featureLabelAlignment: {
    run: (y, known) => featureLabelAlignment(features, vectors, y, maskOf(known)),
    masked: true,
  },
  prototypeContrast: { run: (y, known) => prototypeContrast(features, vectors, y, maskOf(known)), masked: true },
  prototypeMeans: { run: (y, known) => prototypeMeans(start, features, y, known).sums, masked: true },
  mlcNcLoss: { run: (y, known) => mlcNcLoss(outputs, y, maskOf(known)).loss, masked: true },
});
