import * as free from '@ltml/training-free';
import type * as tf from '@tensorflow/tfjs-core';
import { describeNothing } from '../../tensor/test/describe-nothing.ts';
import { towerFeatures, towerOf, unitRows } from './support.ts';

const D = towerFeatures;
const [three, twelve] = [towerOf(3), towerOf(12)];
const text = unitRows(3, D, 1);
const cosines = (ensemble: tf.Tensor, simple: tf.Tensor, compound: tf.Tensor) =>
  ({ ensemble, simple, compound }) as free.SparcCosines;
const score = (features: tf.Tensor, patches: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) =>
  free.piaaScore({ features, patches } as free.ImageTokens, { text, weight, bias } as free.ScoreClasses, {
    imageScale: 80,
    patchScale: 200,
  });

describeNothing({
  'patchClasses of no patches': [[[0, D]], (x) => free.patchClasses(x as tf.Tensor2D, text), [[0, D], [0], [0], [0]]],
  'patchClasses of no classes': [
    [
      [2, D],
      [0, D],
    ],
    (x, classes) => free.patchClasses(x as tf.Tensor2D, classes as tf.Tensor2D),
    'refused',
  ],
  'gaussianClassifier of no patches': [
    [[0, D]],
    async (x) => {
      await free.gaussianClassifier({ features: x as tf.Tensor2D, classes: [], weights: [] }, text);
      return [];
    },
    'refused',
  ],
  'learnFromBank of an empty bank': [
    [],
    async () => {
      await free.learnFromBank(free.emptyBank(3, 4, D), text, { temperature: 1 });
      return [];
    },
    'refused',
  ],
  'itaclipTokens of no images': [[[0, 16, 16, 3]], (x) => free.itaclipTokens(twelve, x), [[0, 5, D]]],
  'sclipTokens of no images': [[[0, 16, 16, 3]], (x) => free.sclipTokens(three, x), [[0, 5, D]]],
  'scclipPatches of no images': [[[0, 16, 16, 3]], (x) => free.scclipPatches(twelve, x), [[0, 4, D]]],
  'neighbourMean of no images': [
    [
      [0, 3, 3, 2],
      [0, 3, 3],
    ],
    (map, outliers) => free.neighbourMean(map as tf.Tensor4D, outliers as tf.Tensor3D),
    [[0, 3, 3, 2]],
  ],
  'patchOutliers of no images': [
    [[0, 4, D]],
    (x) => free.patchOutliers(x as tf.Tensor3D),
    [
      [0, 4],
      [0, 4],
    ],
  ],
  'piaaScore of no images': [
    [[0, D], [0, 4, D], [D, 3], [3]],
    score,
    [
      [0, 4, 3],
      [0, 3],
      [0, 3],
    ],
  ],
  'piaaScore of no patches': [[[2, D], [2, 0, D], [D, 3], [3]], score, 'refused'],
  'debiasImages of no images': [
    [
      [0, 3],
      [0, 3],
      [0, 2],
    ],
    (...given) => free.debiasImages(cosines(...(given as [tf.Tensor, tf.Tensor, tf.Tensor]))),
    [
      [0, 3],
      [0, 2],
    ],
  ],
  'debiasImages of no compound prompts': [
    [
      [4, 3],
      [4, 3],
      [4, 0],
    ],
    (...given) => free.debiasImages(cosines(...(given as [tf.Tensor, tf.Tensor, tf.Tensor]))),
    [
      [4, 3],
      [4, 0],
    ],
  ],
  'sparcScores of no images': [
    [
      [0, 3],
      [0, 3],
      [0, 2],
    ],
    (...given) => free.sparcScores(cosines(...(given as [tf.Tensor, tf.Tensor, tf.Tensor])), [[], [], []]),
    'refused',
  ],
  'columnsOf of no images': [[[0, 3]], (x) => free.columnsOf(x as tf.Tensor2D), 'refused'],
  'mergeScores of no images': [[[0, 3]], async (x) => (await free.mergeScores(x as tf.Tensor2D)).merged, 'refused'],
  'rankedScores of no images': [
    [[0, 3], [0]],
    (compound, own) => free.rankedScores(compound as tf.Tensor2D, [0, 1], own as tf.Tensor1D),
    [[0, 3]],
  ],
  'aboveShare of no images': [[[0, 3]], (x) => free.aboveShare(x as tf.Tensor2D), [[0, 3]]],
  'refinePatches of no patches': [
    [
      [0, 0],
      [0, 2],
    ],
    (map, coarse) =>
      free.refinePatches([map as tf.Tensor2D], coarse as tf.Tensor2D, [0, 0], { votes: 1, layers: [0, 0] }),
    [
      [0, 0],
      [0, 2],
      [0, 2],
    ],
  ],
  'tagclipScores of no classes': [
    [
      [1, 16, 16, 3],
      [0, D],
    ],
    (image, none) => free.tagclipScores(three, image as tf.Tensor4D, none as tf.Tensor2D, { layers: [1, 2] }),
    'refused',
  ],
});
