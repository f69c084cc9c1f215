import * as mlcNc from '@ltml/mlc-nc';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 1, 'float32', seed);

const task = { classes: ['a', 'b', 'c'], statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
const config = mlcNc.mlcNcConfigSchema.parse({ width: 8, projection: 4, heads: 2 });
const learner = new mlcNc.MlcNcLearner(task, { features: 5 }, config, new RandomStreams(1));
const map = normal<tf.Rank.R4>([2, 3, 3, 5], 1);
const [classFeatures, projected] = [normal<tf.Rank.R3>([2, 3, 8], 2), normal<tf.Rank.R3>([2, 3, 4], 3)];
const [classVectors, prototypes] = [normal<tf.Rank.R2>([3, 8], 4), normal<tf.Rank.R2>([3, 4], 5)];
const logits = normal<tf.Rank.R2>([2, 3], 6);
const [labels, known] = [tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3]), tf.tensor2d([1, 1, 0, 1, 0, 1], [2, 3])];
const outputs = { logits, classFeatures, projected, classVectors, prototypes };
const state = { sums: normal<tf.Rank.R2>([3, 4], 7), counts: tf.tensor1d([1, 0, 2]) };
const basis = mlcNc.orthonormalBasis(5, 3, new RandomStream(1));

const ops: Record<string, LeakCase> = {
  MlcNcHead: [map, (x) => learner.head.forward(x)],
  'MlcNcLearner.forward': [map, (x) => learner.forward(x)],
  'MlcNcLearner.predict': [map, (x) => learner.predict(x)],
  'MlcNcLearner.evidence': [map, (x) => learner.evidence(x)],
  featureLabelAlignment: [
    classFeatures,
    (x) => mlcNc.featureLabelAlignment(x as tf.Tensor3D, classVectors, labels, { known }),
  ],
  mlcNcLoss: [projected, (x) => mlcNc.mlcNcLoss({ ...outputs, projected: x as tf.Tensor3D }, labels, { known })],
  prototypeContrast: [projected, (x) => mlcNc.prototypeContrast(x as tf.Tensor3D, prototypes, labels, { known })],
  prototypeMeans: [projected, (x) => mlcNc.prototypeMeans(state, x as tf.Tensor3D, labels, known)],
  prototypesOf: [state.sums, (x) => mlcNc.prototypesOf({ ...state, sums: x as tf.Tensor2D })],
  simplexEtf: [basis, (x) => mlcNc.simplexEtf(x as tf.Tensor2D)],
  orthonormalBasis: [null, () => mlcNc.orthonormalBasis(5, 3, new RandomStream(1))],
};

describeLeaks({ exported: mlcNc, ops, others: ['mlcNc', 'mlcNcConfigSchema', 'mlcNcPresets', 'mlcNcWeights'] });
