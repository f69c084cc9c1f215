import * as ram from '@ltml/ram';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 1, 'float32', seed);

const [features, patches] = [normal<tf.Rank.R2>([2, 6], 1), normal<tf.Rank.R3>([2, 4, 6], 2)];
const texts = normal<tf.Rank.R2>([3, 6], 3);
const [labels, known] = [tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3]), tf.tensor2d([1, 1, 0, 1, 0, 1], [2, 3])];
const logits = normal<tf.Rank.R2>([2, 3], 4);
const head = new ram.MatchingHead();
const teaching = { patches, texts, labels };
const [rows, columns] = [tf.fill<tf.Rank.R2>([2, 4], 1 / 4), tf.fill<tf.Rank.R2>([2, 3], 1 / 3)];
const cost = tf.abs(normal<tf.Rank.R3>([2, 4, 3], 5)) as tf.Tensor3D;
const task = { classes: ['a', 'b', 'c'], statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
const learner = new ram.Ram(
  task,
  { features: 6, classEmbeddings: texts },
  ram.ramConfigSchema.parse({}),
  new RandomStreams(1),
);
const tokens = normal<tf.Rank.R3>([2, 5, 6], 6);

const ops: Record<string, LeakCase> = {
  MatchingHead: [patches, (x) => head.forward({ features, patches: x as tf.Tensor3D }, texts)],
  'MatchingHead with a teacher': [
    patches,
    (x) => head.forward({ features, patches: x as tf.Tensor3D }, texts, teaching),
  ],
  matchScores: [logits, (x) => ram.matchScores({ global: x as tf.Tensor2D, local: logits })],
  multiMatchingLoss: [logits, (x) => ram.multiMatchingLoss(x as tf.Tensor2D, labels, known)],
  sinkhorn: [null, () => ram.sinkhorn(rows, columns, cost)],
  'Ram.forward': [tokens, (x) => learner.forward(x)],
  'Ram.predict': [tokens, (x) => learner.predict(x)],
  'Ram.predictClasses': [tokens, (x) => learner.predictClasses(x, texts)],
  'Ram.embedImages': [tokens, (x) => tf.tidy(() => learner.embedImages(x))],
};

describeLeaks({ exported: ram, ops, others: ['ram', 'ramConfigSchema', 'ramPresets'] });
