import * as mlcNc from '@ltml/mlc-nc';
import { RandomStreams } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { describeNothing } from '../../tensor/test/describe-nothing.ts';

const head = new mlcNc.MlcNcHead({
  ...{ features: 5, classes: 3, width: 8, projection: 4, heads: 2 },
  random: new RandomStreams(1),
}).eval();
const align = (h: tf.Tensor, e: tf.Tensor, y: tf.Tensor) =>
  mlcNc.featureLabelAlignment(h as tf.Tensor3D, e as tf.Tensor2D, y as tf.Tensor2D);
const contrast = (z: tf.Tensor, of: tf.Tensor, y: tf.Tensor) =>
  mlcNc.prototypeContrast(z as tf.Tensor3D, of as tf.Tensor2D, y as tf.Tensor2D);

describeNothing({
  'MlcNcHead of no images': [
    [[0, 3, 3, 5]],
    (x) => head.forward(x),
    [
      [0, 3],
      [0, 3, 8],
      [0, 3, 4],
      [0, 2, 3, 9],
    ],
  ],
  'MlcNcHead of no places': [[[2, 0, 5]], (x) => head.forward(x), 'refused'],
  'featureLabelAlignment of no images': [
    [
      [0, 3, 8],
      [3, 8],
      [0, 3],
    ],
    align,
    [[]],
  ],
  'featureLabelAlignment of no classes': [
    [
      [2, 0, 8],
      [0, 8],
      [2, 0],
    ],
    align,
    'refused',
  ],
  'prototypeContrast of no images': [
    [
      [0, 3, 4],
      [3, 4],
      [0, 3],
    ],
    contrast,
    [[]],
  ],
  'prototypeContrast of no classes': [
    [
      [2, 0, 4],
      [0, 4],
      [2, 0],
    ],
    contrast,
    [[]],
  ],
  'prototypeMeans of no images': [
    [[3, 4], [3], [0, 3, 4], [0, 3]],
    (sums, counts, z, y) =>
      mlcNc.prototypeMeans({ sums, counts } as mlcNc.PrototypeSums, z as tf.Tensor3D, y as tf.Tensor2D),
    [[3, 4], [3]],
  ],
  'prototypesOf of classes never seen': [
    [[3, 4], [3]],
    (sums, counts) => mlcNc.prototypesOf({ sums, counts } as mlcNc.PrototypeSums),
    [[3, 4]],
  ],
});
