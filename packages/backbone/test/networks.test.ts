import {
  exportState,
  type LayerNorm,
  type Module,
  NotSupportedError,
  OptionError,
  RandomStream,
  ShapeError,
} from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  bottleneckResNet,
  ClipResNet,
  ClipVisionTransformer,
  clipResnet50,
  clipResnet101,
  clipVitB16,
  clipVitB32,
  resnet50,
  resnet101,
  resnext50,
  VisionTransformer,
  vitB16,
} from '../src/index.ts';
import { parameterCount, randomTensor } from './support.ts';

const sizes: readonly (readonly [name: string, create: () => Module, parameters: number])[] = [
  ['ResNet-50', resnet50, 23_508_032],
  ['ResNet-50 with its classifier', () => resnet50({ classes: 1000 }), 25_557_032],
  ['ResNet-101', resnet101, 42_500_160],
  ['ResNeXt-50 32×4d', resnext50, 22_979_904],
  ['ViT-B/16', vitB16, 85_798_656],
  ["CLIP's RN50", clipResnet50, 38_316_896],
  ["CLIP's RN101", clipResnet101, 56_259_936],
  ["CLIP's ViT-B/32", clipVitB32, 87_849_216],
  ["CLIP's ViT-B/16", clipVitB16, 86_192_640],
];

test.each(sizes)('%s has as many parameters as the published network', (_, create, parameters) => {
  const network = create();
  expect(parameterCount(network)).toBe(parameters);
  network.dispose();
});

const random = (): RandomStream => new RandomStream(3);
const shape = { stem: 4, planes: [2, 3], blocks: [2, 2], groups: 1, groupWidth: 64 };
const vitConfig = { imageSize: [16, 24], patchSize: 8, width: 8, depth: 3, heads: 2 } as const;
const clipConfig = { imageSize: 16, patchSize: 8, width: 8, layers: 3, heads: 2, embedding: 5 };
const clipResnetConfig = { imageSize: 32, width: 2, blocks: [1, 2, 1, 1], heads: 2, embedding: 5 };

interface Encoder extends Module {
  forward(images: tf.Tensor): { readonly features: tf.Tensor2D };
}

/** Small networks of each kind, by whether they compute activations anew. */
const small: readonly (readonly [name: string, size: readonly number[], create: (recompute: boolean) => Encoder])[] = [
  ['ResNet', [33, 32], (recompute) => bottleneckResNet(shape, { random: random(), recompute })],
  [
    'ResNeXt',
    [33, 32],
    (recompute) =>
      bottleneckResNet({ ...shape, planes: [4, 4], groups: 2, groupWidth: 32 }, { random: random(), recompute }),
  ],
  ['ViT', [16, 24], (recompute) => new VisionTransformer({ ...vitConfig, recompute }, random())],
  ['ResNet-D', [33, 47], (recompute) => bottleneckResNet({ ...shape, deep: true }, { random: random(), recompute })],
  [
    'DINOv2',
    [16, 24],
    (recompute) => new VisionTransformer({ ...vitConfig, registers: 4, layerScale: true, recompute }, random()),
  ],
  [
    'distilled ViT',
    [16, 24],
    (recompute) => new VisionTransformer({ ...vitConfig, distilled: true, recompute }, random()),
  ],
  [
    'ViT without class token',
    [16, 24],
    (recompute) => new VisionTransformer({ ...vitConfig, classToken: false, poolNorm: true, recompute }, random()),
  ],
  ['CLIP ViT', [16, 16], (recompute) => new ClipVisionTransformer({ ...clipConfig, recompute }, random())],
  ['CLIP ResNet', [32, 32], (recompute) => new ClipResNet({ ...clipResnetConfig, recompute }, random())],
];

/** Loss, gradients of all that train, and the state afterwards. */
async function trainOnce(network: Encoder, [height, width]: readonly number[]) {
  const images = randomTensor([2, height, width, 3], 5);
  const parameters = [...network.trainableParameters()];
  // The last norm of CLIP's bottlenecks starts at zero, which would hide what lies before it.
  for (const [name, { variable }] of parameters) {
    if (name.endsWith('bn3.weight')) tf.tidy(() => variable.assign(tf.fill(variable.shape, 0.5)));
  }
  const { value, grads } = tf.variableGrads(
    () => tf.sum(tf.square(network.forward(images).features)) as tf.Scalar,
    parameters.map(([, { variable }]) => variable),
  );
  const gradients = new Map(
    parameters.map(([name, { variable }]) => [name, grads[variable.name].dataSync<'float32'>()]),
  );
  const state = await exportState(network);
  const loss = value.dataSync()[0];
  tf.dispose([images, value, grads]);
  return { loss, gradients, state };
}

test.each(small)('%s: activations computed anew give the same gradients and statistics', async (_, size, create) => {
  const before = tf.memory().numTensors;
  const [plain, frugal] = [create(false), create(true)];
  const [expected, actual] = [await trainOnce(plain, size), await trainOnce(frugal, size)];
  expect(actual.loss).toBe(expected.loss);
  for (const [name, gradient] of expected.gradients) {
    expect(
      gradient.some((entry) => entry !== 0),
      `${name} has a gradient`,
    ).toBe(true);
    const largest = gradient.reduce((max, entry) => Math.max(max, Math.abs(entry)), 0);
    expectClose(actual.gradients.get(name) as Float32Array, gradient, { absolute: 1e-6 * largest });
  }
  for (const [name, { data }] of expected.state) expect(actual.state.get(name)?.data, name).toEqual(data);
  plain.dispose();
  frugal.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test.each(small)('%s: the features of an image do not depend on its batch, and nothing leaks', (_, size, create) => {
  const before = tf.memory().numTensors;
  const network = create(false).eval();
  const images = randomTensor([3, ...size, 3], 5);
  tf.tidy(() => {
    const { features } = network.forward(images);
    const alone = network.forward(tf.slice(images, [1], [1])).features;
    expect(alone.shape[0]).toBe(1);
    expectClose(alone.dataSync(), tf.slice(features, [1], [1]).dataSync(), { absolute: 1e-5 });
    expect(features.dataSync().every(Number.isFinite)).toBe(true);
  });
  images.dispose();
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a block whose last norm starts at zero starts as its shortcut', () => {
  const network = bottleneckResNet(
    { ...shape, planes: [1], blocks: [2] },
    { zeroResidual: true, random: random() },
  ).eval();
  const images = randomTensor([1, 16, 16, 3], 5);
  const one = bottleneckResNet({ ...shape, planes: [1], blocks: [1] }, { zeroResidual: true, random: random() }).eval();
  expect(network.forward(images).featureMap.dataSync()).toEqual(one.forward(images).featureMap.dataSync());
  network.dispose();
  one.dispose();
});

test('the halved map is the mean over 2 × 2, without an odd last row or column', () => {
  const [plain, halved] = [false, true].map((halveMap) =>
    bottleneckResNet(shape, { halveMap, random: random() }).eval(),
  );
  const images = randomTensor([1, 40, 24, 3], 5);
  const map = plain.forward(images).featureMap;
  const { featureMap, features } = halved.forward(images);
  expect([map.shape, featureMap.shape]).toEqual([
    [1, 5, 3, 12],
    [1, 2, 1, 12],
  ]);
  const corner = tf.mean(tf.slice(map, [0, 2, 0, 0], [1, 2, 2, 12]), [1, 2]);
  expectClose(tf.slice(featureMap, [0, 1, 0, 0], [1, 1, 1, 12]).dataSync(), corner.dataSync());
  expectClose(features.dataSync(), tf.mean(featureMap, [1, 2]).dataSync());
  plain.dispose();
  halved.dispose();
});

test('tokens are the class token and the patches, row by row', () => {
  const network = new VisionTransformer(vitConfig, random()).eval();
  const images = randomTensor([2, 16, 24, 3], 5);
  const { tokens, features, patches } = network.forward(images);
  expect([tokens.shape, features.shape, patches.shape]).toEqual([
    [2, 7, 8],
    [2, 8],
    [2, 6, 8],
  ]);
  expect(tf.concat([tf.expandDims(features, 1), patches], 1).dataSync()).toEqual(tokens.dataSync());
  const { patches: projected } = network.forwardStages(images);
  // The patch at row 1, column 2 is the last.
  const last = tf.slice(images, [0, 8, 16, 0], [2, 8, 8, 3]);
  const alone = network.patch_embed.proj.forward(last);
  expectClose(tf.slice(projected, [0, 5, 0], [2, 1, 8]).dataSync(), alone.dataSync(), { absolute: 1e-5 });
  network.dispose();
});

test('the layer norms have the ε of their family', () => {
  // A constant patch gives constant tokens but for the positions; ε shows where the variance is as small as ε itself.
  const epsilonOf = (network: VisionTransformer): number => {
    const x = tf.tensor2d([[-1e-3, 1e-3, 0, 0, 0, 0, 0, 0]]);
    const [y] = (network.norm as LayerNorm).forward(x).dataSync();
    return 1e-6 / y ** 2 - 2.5e-7;
  };
  for (const epsilon of [undefined, 1e-12]) {
    const network = new VisionTransformer({ ...vitConfig, ...(epsilon !== undefined && { epsilon }) }, random());
    expectClose([epsilonOf(network)], [epsilon ?? 1e-6], { absolute: 1e-9 });
    network.dispose();
  }
});

test('images of another size than there are positions for are refused, and say what to do', () => {
  const networks = [
    new VisionTransformer(vitConfig, random()),
    new ClipVisionTransformer(clipConfig, random()),
    new ClipResNet(clipResnetConfig, random()),
  ];
  for (const network of networks) {
    expect(() => network.forward(tf.zeros([2, 64, 64, 3]))).toThrow(expect.toSatisfy(ShapeError.is));
    expect(() => network.forward(tf.zeros([2, 64, 64, 3]))).toThrow(/imageSize/);
    network.dispose();
  }
});

test('a missing classifier, an unknown option and an image smaller than a patch are refused', () => {
  const network = new VisionTransformer(vitConfig, random());
  expect(() => network.classify(tf.zeros([1, 8]))).toThrow(expect.toSatisfy(NotSupportedError.is));
  network.dispose();
  expect(() => resnet50({ clases: 3 } as never)).toThrow(expect.toSatisfy(OptionError.is));
  expect(() => vitB16({ patchSize: 3 } as never)).toThrow(expect.toSatisfy(OptionError.is));
  expect(() => new VisionTransformer({ ...vitConfig, imageSize: 4 })).toThrow(/at least one patch of 8/);
});
