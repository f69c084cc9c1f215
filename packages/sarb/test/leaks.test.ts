import { RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';
import { randomTensor } from '../../tensor/test/support.ts';
import * as sarb from '../src/index.ts';
import { randomLabels } from './support.ts';

const random = new RandomStream(1);
const [B, C, D] = [3, 2, 4];
const features = randomTensor<tf.Tensor3D>([B, C, D], 1);
const { labels, known } = randomLabels(B, C, 2);
const batch = { features, labels, known };
const map = randomTensor<tf.Tensor4D>([B, 2, 2, D], 3);
const choice = {
  noise: tf.fill<tf.Rank.R2>([B, C], 0.5),
  draw: tf.tensor1d([0.5]),
  prototypes: randomTensor<tf.Tensor3D>([C, 2, D], 4),
  counts: tf.tensor1d([2, 1]),
};
const chosen = sarb.choosePrototypes(known, choice);
const order = tf.tensor1d(sarb.pairPlaces(B, C), 'int32');
const [alpha, partner, words] = [tf.scalar(0.5), tf.tensor1d([2, 0, 1], 'int32'), randomTensor<tf.Tensor2D>([C, 3], 5)];
const adjacency = [
  [1, 0.5],
  [0.25, 1],
];
const linear = new sarb.ElementWiseLinear({ classes: C, features: D, random });
const network = new sarb.GatedGraphNetwork({ features: D, adjacency, random });
const classifier = new sarb.GraphClassifier({ features: D, adjacency, random });
const masks = new sarb.SemanticAttention({ channels: D, features: 3, classes: C, random });
const decoupling = new sarb.SemanticDecoupling({ features: D, wordFeatures: 3, innerFeatures: 2, random });
const places = tf.tensor2d([0, 1, 2, 3, 0, 1], [B, C], 'int32');
const quarters = {
  noise: choice.noise,
  draw: tf.fill<tf.Rank.R1>([B], 0.5),
  prototypes: randomTensor<tf.Tensor3D>([C, 4, D], 8),
  counts: tf.ones<tf.Rank.R2>([C, 4]),
  own: places,
};
const together = new sarb.CoOccurrence({ classes: C, features: D, pairFeatures: 3, hiddenFeatures: 2, random });
const queue = new sarb.PositivesQueue({ classes: C, size: 2, features: D });
const directions = sarb.meanDirection(choice.prototypes, choice.counts);
const similarity = sarb.classSimilarity(features, directions);
const sure = tf.ones<tf.Rank.R2>([B, 1]);
const points = randomTensor<tf.Tensor2D>([6, 2], 6);
const starts = randomTensor<tf.Tensor2D>([2, 2], 7);

const ops: Record<string, LeakCase> = {
  contrastiveLoss: [features, (x) => sarb.contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs: 'known' })],
  'contrastiveLoss of samples': [
    features,
    (x) => sarb.contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs: order }),
  ],
  contrastivePairs: [features, (x) => sarb.contrastivePairs(x as tf.Tensor3D, labels, known, { pairs: order })],
  blendInstances: [
    features,
    (x) => sarb.blendInstances({ ...batch, features: x as tf.Tensor3D }, { alpha, pairing: sarb.pairedBy(partner) }),
  ],
  choosePrototypes: [features, () => sarb.choosePrototypes(known, choice)],
  blendPrototypes: [
    features,
    (x) => sarb.blendPrototypes({ ...batch, features: x as tf.Tensor3D }, chosen, { beta: alpha }),
  ],
  reversal: [features, (x) => sarb.reversal(x)],
  pairedBy: [features, (x) => sarb.pairedBy(partner)(x)],
  ElementWiseLinear: [features, (x) => linear.forward(x as tf.Tensor3D)],
  GatedGraphNetwork: [features, (x) => network.forward(x as tf.Tensor3D)],
  'GatedGraphNetwork.projection': [features, () => network.projection()],
  GraphClassifier: [features, (x) => classifier.forward(x as tf.Tensor3D)],
  'GraphClassifier.embed': [features, (x) => classifier.embed(x as tf.Tensor3D)],
  'GraphClassifier.classify': [tf.ones([B, C, 10 * D]), (x) => classifier.classify(x as tf.Tensor3D)],
  SemanticAttention: [map, (x) => masks.forward(x as tf.Tensor4D)],
  SemanticDecoupling: [map, (x) => decoupling.forward(x as tf.Tensor4D, words)],
  attentionQuadrants: [tf.ones([B, C, 4]), (x) => sarb.attentionQuadrants(x as tf.Tensor3D, [2, 2])],
  chooseQuadrants: [features, () => sarb.chooseQuadrants(known, quarters)],
  quadrantPrototypes: [
    points,
    async () => {
      const given = { inputs: tf.clone(features), labels: tf.clone(labels), known: tf.clone(known) };
      const encode = (x: tf.Tensor) => ({ features: x as tf.Tensor3D, own: places });
      await sarb.quadrantPrototypes([given], encode, { classes: C, samples: 2 });
      return [];
    },
  ],
  CoOccurrence: [features, (x) => together.forward(x as tf.Tensor3D)],
  pairLabels: [features, () => sarb.pairLabels(labels, known)],
  meanCoOccurrence: [features, () => sarb.meanCoOccurrence(sure, labels, known)],
  PositivesQueue: [features, () => queue.contents()],
  meanDirection: [features, () => sarb.meanDirection(choice.prototypes, choice.counts)],
  classSimilarity: [features, (x) => sarb.classSimilarity(x as tf.Tensor3D, directions)],
  pseudoLabels: [alpha, (x) => sarb.pseudoLabels(similarity, known, x, 'soft')],
  prototypeDistance: [similarity, (x) => sarb.prototypeDistance(x as tf.Tensor2D, labels, known)],
  kMeans: [points, async () => (await sarb.kMeans(points, { clusters: 2, random })).centers],
  lloyd: [points, async () => (await sarb.lloyd(points, starts)).centers],
  classPrototypes: [
    points,
    async () => {
      const options = { classes: C, count: 2, samples: null, random: new RandomStreams(1) };
      const given = { inputs: tf.clone(features), labels: tf.clone(labels), known: tf.clone(known) };
      await sarb.classPrototypes([given], (x) => tf.mul(x, 2), options);
      return [];
    },
  ],
};

describeLeaks({
  exported: sarb,
  ops,
  others: [
    ...['sarb', 'Sarb', 'sarbConfigSchema', 'sarbPresets', 'cooccurrenceAdjacency', 'pairPlaces'],
    ...['contrastiveWeight', 'isBlending', 'prototypesDue', 'Ssgrl', 'classPairs', 'fallingMargin'],
    ...['semanticTransfer', 'SemanticTransfer', 'transferConfigSchema', 'transferPresets'],
  ],
  constant: [
    ...[
      'contrastivePairs',
      'choosePrototypes',
      'GatedGraphNetwork.projection',
      'attentionQuadrants',
      'chooseQuadrants',
    ],
    ...['pairLabels', 'meanCoOccurrence', 'PositivesQueue', 'meanDirection'],
  ],
});
