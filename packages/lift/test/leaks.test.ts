import { VisionTransformer } from '@ltml/backbone';
import * as lift from '@ltml/lift';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 1, 'float32', seed);

const task = { classes: ['a', 'b', 'c'], statistics: { trainCount: 10, classCounts: [6, 3, 1], cooccurrence: [] } };
const tower = new VisionTransformer({ imageSize: 8, patchSize: 4, width: 8, heads: 2, depth: 2 }, new RandomStream(1));
const classEmbeddings = normal<tf.Rank.R2>([3, 8], 1);
const whole = new lift.Lift(
  task,
  { features: 8, encoder: tower, classEmbeddings },
  lift.liftConfigSchema.parse({ adapters: { bottleneck: 2 } }),
  new RandomStreams(1),
);
const alone = new lift.Lift(
  task,
  { features: 8, classEmbeddings },
  lift.liftHeadConfigSchema.parse({}),
  new RandomStreams(1),
);
const images = normal<tf.Rank.R4>([2, 8, 8, 3], 2);
const features = normal<tf.Rank.R2>([2, 8], 3);
const tokens = normal<tf.Rank.R3>([2, 5, 8], 4);
const adapter = new lift.AdaptFormer({ width: 8, bottleneck: 2, random: new RandomStream(1) });
const head = new lift.CosineHead({ features: 8, classes: 3, random: new RandomStream(1) });
const [texts, projection] = [normal<tf.Rank.R3>([2, 3, 5], 5), normal<tf.Rank.R2>([8, 5], 6)];
const [sums, counts] = [normal<tf.Rank.R2>([3, 8], 7), tf.tensor1d([1, 2, 3])];

const ops: Record<string, LeakCase> = {
  AdaptFormer: [tokens, (x) => adapter.forward(x as tf.Tensor3D)],
  averageCrops: [
    normal<tf.Rank.R4>([2, 16, 8, 3], 8),
    (x) => lift.averageCrops(x, (crops) => tf.tidy(() => tf.sum(tf.reshape(crops, [crops.shape[0], -1]), 1, true))),
  ],
  CosineHead: [features, (x) => head.forward(x as tf.Tensor2D)],
  classMeanWeights: [sums, (x) => lift.classMeanWeights(x as tf.Tensor2D, counts)],
  textWeights: [texts, (x) => lift.textWeights(x, projection)],
  'Lift.forward': [images, (x) => whole.forward(x)],
  'Lift.predict': [images, (x) => whole.predict(x)],
  'Lift.forward of features': [features, (x) => alone.forward(x)],
  'Lift.predict of features': [features, (x) => alone.predict(x)],
};

describeLeaks({
  exported: lift,
  ops,
  others: [
    ...['adapterWidth', 'attachAdapters', 'lift', 'liftConfigSchema', 'liftPresets'],
    ...['liftHead', 'liftHeadConfigSchema', 'liftHeadPresets'],
  ],
});
