import * as coop from '@ltml/coop';
import { RandomStream } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { describeNothing } from '../../tensor/test/describe-nothing.ts';

const D = 6;
const head = new coop.VisionOnlyHead({ features: D, classes: 3, random: new RandomStream(1) });
const pool = (z: tf.Tensor, absent: tf.Tensor, present: tf.Tensor) =>
  coop.poolPlaces(z as tf.Tensor3D, { absent, present } as coop.TwoEmbeddings);
const captions = (a: tf.Tensor, b: tf.Tensor, y: tf.Tensor) =>
  coop.captionLoss(a as tf.Tensor3D, b as tf.Tensor3D, y as tf.Tensor2D);

describeNothing({
  'poolPlaces of no images': [
    [
      [0, 4, D],
      [3, D],
      [3, D],
    ],
    pool,
    [
      [0, 3],
      [0, 3],
    ],
  ],
  'poolPlaces of no classes': [
    [
      [2, 4, D],
      [0, D],
      [0, D],
    ],
    pool,
    [
      [2, 0],
      [2, 0],
    ],
  ],
  'poolPlaces of no places': [
    [
      [2, 0, D],
      [3, D],
      [3, D],
    ],
    pool,
    'refused',
  ],
  'similarPlaces of no images': [
    [
      [0, 4, D],
      [3, D],
    ],
    (z, present) => coop.similarPlaces(z as tf.Tensor3D, { present: present as tf.Tensor2D }),
    [[0, 3, 4]],
  ],
  'presenceLogits of no images': [
    [
      [0, 3],
      [0, 3],
    ],
    (a, p) => coop.presenceLogits({ absent: a as tf.Tensor2D, present: p as tf.Tensor2D }),
    [[0, 3]],
  ],
  'presenceLoss of no images': [
    [
      [0, 3],
      [0, 3],
    ],
    (x, y) => coop.presenceLoss(x as tf.Tensor2D, y as tf.Tensor2D),
    [[]],
  ],
  'captionDistance of no captions': [
    [
      [0, 4, D],
      [3, 4, D],
    ],
    (a, b) => coop.captionDistance(a as tf.Tensor3D, b as tf.Tensor3D, 2),
    [[0, 3, 2]],
  ],
  'captionLoss of no captions': [
    [
      [0, 4, D],
      [3, 4, D],
      [0, 3],
    ],
    captions,
    [[]],
  ],
  'captionLoss of no classes': [
    [
      [2, 4, D],
      [0, 4, D],
      [2, 0],
    ],
    captions,
    [[]],
  ],
  'captionLoss of no tokens': [
    [
      [2, 0, D],
      [3, 0, D],
      [2, 3],
    ],
    captions,
    'refused',
  ],
  'cosineLogits of no images': [
    [
      [0, D],
      [3, D],
    ],
    (x, classes) => coop.cosineLogits(x as tf.Tensor2D, classes as tf.Tensor2D, 10),
    [[0, 3]],
  ],
  'VisionOnlyHead of no images': [
    [[0, 4, D]],
    (z) => head.forward(z as tf.Tensor3D),
    [
      [0, 3],
      [0, 3],
    ],
  ],
  'VisionOnlyHead of no places': [[[2, 0, D]], (z) => head.forward(z as tf.Tensor3D), 'refused'],
});
