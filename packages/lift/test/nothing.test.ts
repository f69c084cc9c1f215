import * as lift from '@ltml/lift';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeNothing } from '../../tensor/test/describe-nothing.ts';

const adapter = new lift.AdaptFormer({ width: 6, bottleneck: 2, random: new RandomStream(1) });
const head = new lift.CosineHead({ features: 6, classes: 3, random: new RandomStream(1) });

describeNothing({
  'AdaptFormer of no images': [[[0, 4, 6]], (x) => adapter.forward(x as tf.Tensor3D), [[0, 4, 6]]],
  'CosineHead of no images': [[[0, 6]], (x) => head.forward(x as tf.Tensor2D), [[0, 3]]],
  'averageCrops of no images': [
    [[0, 16, 8, 3]],
    (x) => lift.averageCrops(x, (crops) => tf.zeros([crops.shape[0], 3])),
    [[0, 3]],
  ],
  'textWeights of no classes': [[[0, 6]], (x) => lift.textWeights(x), [[0, 6]]],
  'classMeanWeights of no images': [
    [[2, 6], [2]],
    (sums, counts) => lift.classMeanWeights(sums as tf.Tensor2D, counts as tf.Tensor1D),
    'refused',
  ],
});
