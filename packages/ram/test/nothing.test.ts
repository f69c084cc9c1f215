import * as ram from '@ltml/ram';
import type * as tf from '@tensorflow/tfjs-core';
import { describeNothing } from '../../tensor/test/describe-nothing.ts';

const head = new ram.MatchingHead();
const match = (features: tf.Tensor, patches: tf.Tensor, texts: tf.Tensor) =>
  head.forward({ features, patches } as ram.ImageTokens, texts as tf.Tensor2D);
const transport = (a: tf.Tensor, b: tf.Tensor, cost: tf.Tensor) =>
  ram.sinkhorn(a as tf.Tensor2D, b as tf.Tensor2D, cost as tf.Tensor3D);

describeNothing({
  'MatchingHead of no images': [
    [
      [0, 6],
      [0, 4, 6],
      [3, 6],
    ],
    match,
    [
      [0, 3],
      [0, 3],
    ],
  ],
  'MatchingHead of no classes': [
    [
      [2, 6],
      [2, 4, 6],
      [0, 6],
    ],
    match,
    [
      [2, 0],
      [2, 0],
    ],
  ],
  'MatchingHead of no places': [
    [
      [2, 6],
      [2, 0, 6],
      [3, 6],
    ],
    match,
    'refused',
  ],
  'matchScores of no images': [
    [
      [0, 3],
      [0, 3],
    ],
    (global, local) => ram.matchScores({ global, local } as ram.Matches),
    [[0, 3]],
  ],
  'multiMatchingLoss of no images': [
    [
      [0, 3],
      [0, 3],
    ],
    (x, y) => ram.multiMatchingLoss(x as tf.Tensor2D, y as tf.Tensor2D),
    [[]],
  ],
  'sinkhorn of no images': [
    [
      [0, 4],
      [0, 3],
      [0, 4, 3],
    ],
    transport,
    [[0, 4, 3]],
  ],
  'sinkhorn of no columns': [
    [
      [2, 4],
      [2, 0],
      [2, 4, 0],
    ],
    transport,
    [[2, 4, 0]],
  ],
});
