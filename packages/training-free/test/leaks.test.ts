import * as free from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';
import { normal, towerFeatures, towerOf, unitRows } from './support.ts';

const D = towerFeatures;
const [three, twelve] = [towerOf(3), towerOf(12)];
const [text, images] = [unitRows(3, D, 1), normal<tf.Rank.R4>([2, 16, 16, 3], 2)];
const image = tf.slice<tf.Rank.R4, tf.Tensor4D>(images, [0, 0, 0, 0], [1, 16, 16, 3]);
const patches = normal<tf.Rank.R2>([12, D], 3);
const seen = free.patchClasses(patches, text);
const bank = free.addToBank(free.emptyBank(3, 4, D), seen);
const tokens = { features: normal<tf.Rank.R2>([2, D], 4), patches: normal<tf.Rank.R3>([2, 4, D], 5) };
const classes = { text, weight: normal<tf.Rank.R2>([D, 3], 6), bias: normal<tf.Rank.R1>([3], 7) };
const columns = (count: number, seed: number) => normal<tf.Rank.R2>([6, count], seed);
const cosines = { ensemble: columns(3, 8), simple: columns(3, 9), compound: columns(2, 10) };
const spread = free.columnsOf(cosines.ensemble);
const maps = [tf.fill<tf.Rank.R2>([4, 4], 0.25), tf.eye(4)];
const coarse = tf.fill<tf.Rank.R2>([4, 2], 0.5);
const [map, outliers] = [normal<tf.Rank.R4>([2, 3, 3, 2], 11), tf.zeros<tf.Rank.R3>([2, 3, 3])];
const own = normal<tf.Rank.R1>([6], 12);
const task = { classes: ['cat', 'dog', 'owl'], statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
const tagclip = new free.Tagclip(
  task,
  { encoder: three, classEmbeddings: text },
  free.tagclipConfigSchema.parse({ layers: [1, 2], votes: 1 }),
);
const piaa = new free.Piaa(
  task,
  { features: D, classEmbeddings: text },
  free.piaaConfigSchema.parse({ patches: 'plain' }),
);
const joined = normal<tf.Rank.R3>([2, 5, D], 13);

const ops: Record<string, LeakCase> = {
  emptyBank: [null, () => free.emptyBank(3, 4, D)],
  addToBank: [null, () => free.addToBank(bank, seen)],
  patchClasses: [null, () => free.patchClasses(patches, text)],
  gaussianClassifier: [
    null,
    async () => {
      const classesOf = Array.from({ length: 12 }, (_, i) => i % 3);
      const weights = new Array<number>(12).fill(1);
      await free.gaussianClassifier({ features: patches, classes: classesOf, weights }, text);
      return [];
    },
  ],
  learnFromBank: [
    null,
    async () => {
      await free.learnFromBank(bank, text, { temperature: 0.01, onEmpty: 'first' });
      return [];
    },
  ],
  itaclipTokens: [null, () => free.itaclipTokens(twelve, images)],
  sclipTokens: [null, () => free.sclipTokens(three, images)],
  scclipPatches: [null, () => free.scclipPatches(twelve, images)],
  'scclipPatches coupled': [null, () => free.scclipPatches(twelve, images, { coupled: true })],
  neighbourMean: [map, (x) => free.neighbourMean(x as tf.Tensor4D, outliers)],
  patchOutliers: [null, () => free.patchOutliers(tokens.patches)],
  piaaScore: [
    tokens.patches,
    (x) => free.piaaScore({ ...tokens, patches: x as tf.Tensor3D }, classes, { imageScale: 80, patchScale: 200 }),
  ],
  columnsOf: [null, () => free.columnsOf(cosines.ensemble)],
  standardized: [cosines.ensemble, (x) => free.standardized(x as tf.Tensor2D, spread)],
  debiasImages: [null, () => free.debiasImages(cosines)],
  debias: [null, () => free.debias(cosines)],
  rankedScores: [own, (x) => free.rankedScores(cosines.compound, [0, 1], x as tf.Tensor1D)],
  'rankedScores of nothing': [own, (x) => free.rankedScores(cosines.compound, [], x as tf.Tensor1D)],
  mergeScores: [null, async () => (await free.mergeScores(cosines.compound)).merged],
  sparcScores: [null, () => free.sparcScores(cosines, [[0], [0, 1], []])],
  aboveShare: [cosines.ensemble, (x) => free.aboveShare(x as tf.Tensor2D)],
  refinePatches: [null, () => free.refinePatches(maps, coarse, [2, 2], { votes: 1, layers: [0, 1] })],
  tagclipScores: [null, () => free.tagclipScores(three, image, text, { votes: 1, layers: [1, 2] })],
  'Tagclip.predict': [null, () => tagclip.predict(images)],
  'Piaa.forward': [null, () => piaa.forward(joined)],
  'Piaa.predict': [null, () => piaa.predict(joined)],
  'Piaa.evidence': [null, () => piaa.evidence(joined)],
  'Piaa.learn': [
    null,
    async () => {
      piaa.bank.assign(free.addToBank(piaa.bank.contents, seen));
      await piaa.learn();
      return [];
    },
  ],
};

describeLeaks({
  exported: free,
  ops,
  others: [
    ...['boxMask', 'isClipTower', 'matchClasses', 'principalDirection', 'vocRenames'],
    ...['piaa', 'piaaConfigSchema', 'piaaPresets', 'sparc', 'sparcConfigSchema', 'sparcPresets', 'Sparc'],
    ...['tagclip', 'tagclipConfigSchema', 'tagclipPresets'],
  ],
});
