import { Module, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';
import * as dscl from '../src/index.ts';
import { directions, matrix } from './support.ts';

const random = new RandomStream(1);
const unit = (count: number): tf.Tensor2D => matrix(directions(count, 4, random));
const whole = (values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
const ofRank3 = (...shape: [number, number, number]): tf.Tensor3D => tf.reshape(unit(shape[0] * shape[1]), shape);

const [anchors, ownKeys, labels] = [unit(3), unit(3), whole([0, 1, 1])];
const queue = { keys: unit(5), labels: whole([0, 1, 2, 1, -1]), classes: 3, mayHaveEmpty: true };
const marks = { keys: queue.keys, labels: tf.tensor2d([1, 0, -1, 1, 0, 0, -1, -1, 1, 1, 1, 1, 0, 0, 0], [5, 3]) };
const batchMarks = tf.tensor2d([1, 0, -1, 0, 1, 1, -1, -1, 0], [3, 3]);
const embeddings = ofRank3(3, 3, 4);
const instances = dscl.instancesOf(batchMarks);
const patches = { teachers: ofRank3(2, 3, 4), students: ofRank3(2, 3, 4) };
const head = new dscl.ProjectionHead({ features: 4, dimension: 3, random });

class Encoder extends Module {
  forward(images: tf.Tensor) {
    const featureMap = tf.mul<tf.Tensor4D>(images as tf.Tensor4D, 2);
    return { featureMap, features: tf.mean<tf.Tensor2D>(featureMap, [1, 2]) };
  }
}
const projected = new dscl.ProjectedEncoder(new Encoder(), head);
const ring = new dscl.LabelledQueue({ size: 4, dimension: 4, classes: 3, random });
const rings = new dscl.BalancedQueue({ size: 6, dimension: 4, classes: 3, random });

const counts = { trainCount: 9, classCounts: [6, 2, 1] };
const [pairs, centres, pairLogits] = [
  tf.ones<tf.Rank.R3>([2, 2, 4]),
  tf.ones<tf.Rank.R2>([3, 4]),
  tf.ones<tf.Rank.R2>([2, 3]),
];
const [pairLabels, viewLabels] = [
  [0, 2],
  [0, 2, 0, 2],
].map((of) => tf.tensor1d(of, 'int32'));
const views = tf.fill<tf.Rank.R2>([4, 4], 0.5);
const estimator = dscl.startVmf({ classes: 3, features: 4, random: new RandomStream(0) });

const ops: Record<string, LeakCase> = {
  sclLoss: [anchors, (x) => dscl.sclLoss(x as tf.Tensor2D, ownKeys, labels, queue)],
  dsclLoss: [anchors, (x) => dscl.dsclLoss(x as tf.Tensor2D, ownKeys, labels, queue, { candidates: 'inbatch' })],
  'dsclLoss with ε': [anchors, (x) => dscl.dsclLoss(x as tf.Tensor2D, ownKeys, labels, queue, { epsilon: 1e-12 })],
  pbsdLoss: [patches.students, (x) => dscl.pbsdLoss({ ...patches, students: x as tf.Tensor3D }, ownKeys, queue.keys)],
  dsclMultiLabelImage: [
    anchors,
    (x) => dscl.dsclMultiLabelImage(x as tf.Tensor2D, ownKeys, batchMarks, marks, { weighting: 'jaccard' }),
  ],
  multiLabelTargets: [anchors, () => dscl.multiLabelTargets(batchMarks, marks.labels)],
  instancesOf: [anchors, () => ({ ...dscl.instancesOf(batchMarks) })],
  gatherInstances: [embeddings, (x) => dscl.gatherInstances(x as tf.Tensor3D, instances)],
  dsclMultiLabelInstances: [
    embeddings,
    (x) => dscl.dsclMultiLabelInstances(x as tf.Tensor3D, embeddings, instances, queue, { reduction: 'class-mean' }),
  ],
  candidateLogProbabilities: [
    anchors,
    (x) => ({ ...dscl.candidateLogProbabilities(x as tf.Tensor2D, ownKeys, queue.keys) }),
  ],
  gradientParts: [anchors, (x) => ({ ...dscl.gradientParts(x as tf.Tensor2D, ownKeys, labels, queue) })],
  gradientRatio: [anchors, (x) => dscl.gradientRatio(x as tf.Tensor2D, ownKeys, labels, queue)],
  checkViews: [
    tf.ones([2, 2, 2, 3]),
    (x) => dscl.checkViews({ query: x, key: x }, { viewSize: 2, patchSize: 1, patches: 0 }),
  ],
  ProjectionHead: [anchors, (x) => head.forward(x)],
  ProjectedEncoder: [tf.ones([2, 2, 2, 4]), (x) => projected.forward(x)],
  copyState: [anchors, () => dscl.copyState(head, head)],
  balancedContrastive: [pairs, (x) => dscl.balancedContrastive(x as tf.Tensor3D, centres, pairLabels)],
  bclLoss: [pairs, (x) => dscl.bclLoss(x as tf.Tensor3D, centres, pairLogits, pairLabels, counts)],
  pacoLoss: [views, (x) => dscl.pacoLoss(x as tf.Tensor2D, viewLabels, pairLogits, counts)],
  gpacoLoss: [views, (x) => dscl.gpacoLoss(x as tf.Tensor2D, viewLabels, pairLogits, null, { smoothing: 0.1 })],
  procoLogits: [views, (x) => dscl.procoLogits(x as tf.Tensor2D, estimator)],
  procoLoss: [views, (x) => dscl.procoLoss([x as tf.Tensor2D, views], viewLabels, [estimator, estimator], counts)],
  procoStep: [
    views,
    () => {
      const { seen, estimators } = dscl.procoStep({ older: estimator, newer: estimator }, [views, views], viewLabels);
      return { first: { ...seen[0] }, older: { ...estimators.older }, newer: { ...estimators.newer } };
    },
  ],
  startVmf: [views, () => dscl.startVmf({ classes: 3, features: 4, random: new RandomStream(1) })],
  vmfEstimator: [views, () => dscl.vmfEstimator(estimator, views, viewLabels)],
  LabelledQueue: [anchors, () => ring.enqueue(anchors, labels)],
  BalancedQueue: [anchors, () => rings.enqueue(anchors, labels)],
};

describeLeaks({
  exported: dscl,
  ops,
  others: ['dscl', 'Dscl', 'dsclConfigSchema', 'dsclPresets', 'dsclMinimum', 'logBesselI', 'vmfConcentration'],
  constant: [
    ...['multiLabelTargets', 'instancesOf', 'gradientParts', 'checkViews', 'copyState', 'procoStep', 'startVmf'],
    ...['vmfEstimator', 'LabelledQueue', 'BalancedQueue'],
  ],
});
