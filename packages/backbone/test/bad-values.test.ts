import { DataError, exportState, OptionError, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import * as backbone from '../src/index.ts';
import {
  bicubic,
  bicubicAntialias,
  bilinear,
  clipResnet50,
  clipResnet101,
  clipVitB16,
  clipVitB32,
  resnet50,
  resnet101,
  resnext50,
} from '../src/index.ts';
import { embedClassesCached, loadTinyClip } from '../src/node/index.ts';

const counts = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null];
const flags = [1, 'true', null];
const functions = ['bicubic', 1, null];
const texts = [5, null, [1], {}];

const stem = { channels: 2, kernel: 3, stride: 1, maxPool: false };
const stage = { channels: 2, blocks: 1, stride: 1 };
const random = undefined;
const small = {
  resnet: { stem, stages: [stage] },
  clipResnet: { imageSize: 64, width: 4, blocks: [1, 1, 1, 1], embedding: 3 },
  pool: { grid: [2, 2] as const, width: 4, heads: 2, embedding: 3, random },
  basic: { inChannels: 2, channels: 2, stride: 1, random },
  bottleneck: { inChannels: 2, planes: 2, stride: 1, random },
  attention: { width: 4, heads: 2, random },
  vit: { imageSize: 8, patchSize: 4, width: 4, depth: 1, heads: 2 },
  clipVit: { imageSize: 8, patchSize: 4, width: 4, layers: 1, heads: 2, embedding: 3 },
  text: { vocabularySize: 9, contextLength: 5, width: 4, layers: 1, heads: 2, embedding: 3 },
  basicShape: { kernel: 7, stem: 2, channels: [2, 2], blocks: [1, 1] },
  shape: { stem: 2, planes: [2, 2], blocks: [1, 1], groups: 1, groupWidth: 64 },
};
const merges = backbone.tokenizerFromMerges(['a b', 'ab c</w>']);
const tokenizer = new backbone.ClipTokenizer(merges);
const tower = { featureCount: 3, config: small.text } as unknown as backbone.ClipTextTransformer;
const table = { dtype: 'F32' as const, shape: [5, 2], data: new Float32Array(10) };
const noWeights = backbone.tensorSource(new Map());

const tinyVit = backbone.encoderByName('vit_tiny_patch16_224').encoder;

type Row = [name: string, call: (value: never) => unknown, bad: readonly unknown[]];

/** Each option of a constructor or function by itself, the others being good. */
function each(
  name: string,
  make: (options: never) => unknown,
  good: object,
  bad: Record<string, readonly unknown[]>,
): Row[] {
  const rows = Object.entries(bad).map(
    ([option, values]): Row => [`${name} ${option}`, (value) => make({ ...good, [option]: value } as never), values],
  );
  return [...rows, [`${name} names`, (value) => make({ ...good, stray: value } as never), [1]]];
}

const rows: Row[] = [
  ...each('ResNet', (config) => new backbone.ResNet(config), small.resnet, {
    classes: counts,
    halveMap: flags,
    recompute: flags,
    block: functions,
    stages: [
      [{ ...stage, channels: 0 }],
      [{ ...stage, blocks: 1.5 }],
      [{ ...stage, stride: -1 }],
      [{ ...stage, width: 1 }],
    ],
    stem: [
      ...counts.map((kernel) => ({ ...stem, kernel })),
      { ...stem, channels: 0 },
      { ...stem, stride: 0 },
      { ...stem, maxPool: 1 },
      { ...stem, deep: 1 },
    ],
  }),
  ...each('ClipResNet', (config) => new backbone.ClipResNet(config), small.clipResnet, {
    imageSize: [...counts, 31, [64], [64, 0]],
    width: [...counts, 3],
    blocks: [[], [1, 0], [1.5], 3],
    heads: [0, -1, 1.5, 3, Number.NaN],
    embedding: counts,
    recompute: flags,
  }),
  ...each('AttentionPool', (options) => new backbone.AttentionPool(options), small.pool, {
    grid: [[2], [2, 0], [1.5, 2], 4],
    width: counts,
    heads: [...counts, 3, 8],
    embedding: counts,
  }),
  ...each('BasicBlock', (options) => new backbone.BasicBlock(options), small.basic, {
    inChannels: counts,
    channels: counts,
    stride: counts,
    averaged: flags,
  }),
  ...each('Bottleneck', (options) => new backbone.Bottleneck(options), small.bottleneck, {
    inChannels: counts,
    planes: counts,
    stride: counts,
    groups: counts,
    groupWidth: counts,
    zeroResidual: flags,
    averaged: flags,
  }),
  ...each('ClipBottleneck', (options) => new backbone.ClipBottleneck(options), small.bottleneck, {
    inChannels: counts,
    planes: counts,
    stride: counts,
  }),
  ...each('ResidualAttentionBlock', (options) => new backbone.ResidualAttentionBlock(options), small.attention, {
    width: counts,
    heads: [...counts, 3, 8],
    causal: flags,
    quickGelu: flags,
  }),
  ...each('VisionTransformer', (config) => new backbone.VisionTransformer(config), small.vit, {
    imageSize: [...counts, 3, [8], [8, 0]],
    patchSize: counts,
    width: counts,
    depth: counts,
    heads: [...counts, 3],
    epsilon: [0, -1, Number.NaN],
    classes: counts,
    classPosition: flags,
    classToken: flags,
    distilled: flags,
    registers: [-1, 1.5, Number.NaN, '2', null],
    layerScale: flags,
    pooling: ['max', 1, null],
    poolNorm: flags,
    recompute: flags,
  }),
  [
    'VisionTransformer parts that do not go together',
    (parts) => new backbone.VisionTransformer({ ...small.vit, ...(parts as object) }),
    [
      { classToken: false, pooling: 'token' },
      { classToken: false, distilled: true },
      { distilled: true, classes: 3 },
    ],
  ],
  ...each('ClipVisionTransformer', (config) => new backbone.ClipVisionTransformer(config), small.clipVit, {
    imageSize: [...counts, 3],
    patchSize: counts,
    width: counts,
    layers: counts,
    heads: [0, -1, 1.5, 3],
    embedding: counts,
    quickGelu: flags,
    recompute: flags,
  }),
  ...each('ClipTextTransformer', (config) => new backbone.ClipTextTransformer(config), small.text, {
    vocabularySize: counts,
    contextLength: counts,
    width: counts,
    layers: counts,
    heads: [0, -1, 1.5, 3],
    embedding: counts,
    quickGelu: flags,
    recompute: flags,
  }),
  ...each('bottleneckResNet', (shape) => backbone.bottleneckResNet(shape), small.shape, {
    stem: counts,
    planes: [[], [0, 1], 2],
    blocks: [[1], [1, 0], [1, 1, 1]],
    deep: flags,
    groups: counts,
    groupWidth: counts,
  }),
  ...each(
    'bottleneckResNet',
    (options) => backbone.bottleneckResNet(small.shape, options),
    {},
    {
      classes: counts,
      halveMap: flags,
      recompute: flags,
      zeroResidual: flags,
    },
  ),
  ...each('basicResNet', (shape) => backbone.basicResNet(shape), small.basicShape, {
    kernel: counts,
    stem: counts,
    channels: [[], [0, 1], 2],
    blocks: [[1], [1, 0], [1, 1, 1]],
    deep: flags,
  }),
  ...each(
    'basicResNet',
    (options) => backbone.basicResNet(small.basicShape, options),
    {},
    { classes: counts, zeroResidual: flags, recompute: flags },
  ),
  ...each(
    'buildEncoder',
    (options) => backbone.buildEncoder(tinyVit, options),
    {},
    { imageSize: [0, 5], recompute: flags },
  ),
  ['encoderByName', (name) => backbone.encoderByName(name), ['resnet5', '', ...texts]],
  ['preprocessingSteps', (size) => backbone.preprocessingSteps(tinyVit.preprocessing, size), counts],
  ...Object.entries({ resnet50, resnet101, resnext50 }).flatMap(([name, make]) =>
    each(name, (options) => make(options), {}, { classes: counts, zeroResidual: flags }),
  ),
  ...Object.entries({ clipResnet50, clipResnet101, clipVitB16, clipVitB32 }).flatMap(([name, make]) =>
    each(name, (options) => make(options), {}, { imageSize: [0, 5], recompute: flags }),
  ),
  ...each('vitB16', (options) => backbone.vitB16(options), {}, { imageSize: [0, 5], classes: counts }),
  ...each('clipTextTower', (options) => backbone.clipTextTower(options), {}, { embedding: counts, quickGelu: flags }),
  [
    'ProjectedResNet embedding',
    (embedding) => {
      const trunk = new backbone.ResNet(small.resnet);
      try {
        return new backbone.ProjectedResNet(trunk, embedding);
      } finally {
        trunk.dispose();
      }
    },
    counts,
  ],
  ...each(
    'ClipTokenizer',
    (options) => new backbone.ClipTokenizer(merges, options),
    {},
    {
      contextLength: [...counts, 1],
      cleaning: ['OpenAI', 1, null],
      overlong: ['Warn', true, null],
    },
  ),
  ['ClipTokenizer.tokenize', (value) => tokenizer.tokenize(value), ['abc', 5, null, [1], ['a', undefined]]],
  ['ClipTokenizer.encode', (value) => tokenizer.encode(value), texts],
  ['tokenizerFromMerges', (value) => backbone.tokenizerFromMerges(value), ['a b', [1], null]],
  ['fillTemplate template', (template) => backbone.fillTemplate(template, 'dog'), ['a photo', ...texts]],
  ['fillTemplate name', (name) => backbone.fillTemplate('{}', name), texts],
  ...Object.entries({ bicubic, bilinear, bicubicAntialias }).flatMap(([name, resample]): Row[] => [
    [`${name} from`, (from) => resample(from, 2), counts],
    [`${name} to`, (to) => resample(2, to), counts],
  ]),
  ['interpolatePositions grid', (grid) => backbone.interpolatePositions(table, grid), [[0, 2], [2], [1.5, 2], 4, null]],
  ['interpolatePositions resampling', (value) => backbone.interpolatePositions(table, [3, 3], value), functions],
  ['interpolatePositions from', (from) => backbone.interpolatePositions(table, [3, 3], undefined, from), [[0, 2], 4]],
];

test.each(rows)('%s refuses what is out of its range, and leaves no tensor', (_, call, bad) => {
  for (const value of bad) {
    const before = tf.memory().numTensors;
    expect(() => call(value as never), JSON.stringify(value) ?? String(value)).toThrow(OptionError);
    expect(tf.memory().numTensors).toBe(before);
  }
});

const clip = loadTinyClip();
const later: Row[] = [
  ...(['embedClasses', 'embedClassesCached'] as const).flatMap((name) =>
    each(
      name,
      (options: { names?: never }) => {
        const { names = ['ab'], ...others } = options as { names?: readonly string[]; tokenizer: never; tower: never };
        return name === 'embedClasses' ? backbone.embedClasses(names, others) : embedClassesCached(names, others);
      },
      { tokenizer, tower },
      { names: [[], [1], 'dog', null], templates: [[], [1], 'a {}', ['a']], normalize: flags, batchSize: counts },
    ),
  ),
  ['embedByWordVectors names', (names) => backbone.embedByWordVectors(names, []), [[], [''], [1], 'dog']],
  ...each(
    'loadWeights',
    async (options) => backbone.loadWeights((await clip).clip, noWeights, options),
    {},
    {
      partial: flags,
      positionGrid: [[0, 1], [1], 4],
      resizePositions: functions,
      select: functions,
    },
  ),
  ...each('loadResNet', (options) => backbone.loadResNet(noWeights, options), {}, { classifier: flags }),
  ...each(
    'loadVisionTransformer',
    (options) => backbone.loadVisionTransformer(noWeights, options),
    {},
    {
      classifier: flags,
      resizePositions: functions.slice(0, 2),
    },
  ),
  ...each(
    'loadClipImage',
    (options) => backbone.loadClipImage(noWeights, options),
    {},
    { resizePositions: ['bicubic'] },
  ),
  ...each('loadEncoder', (options) => backbone.loadEncoder(tinyVit, noWeights, options), {}, { recompute: flags }),
  ...each('loadClipText', (options) => backbone.loadClipText(noWeights, options), {}, {}),
  ...each('loadClip', (options) => backbone.loadClip(noWeights, options), {}, {}),
];

test.each(later)('%s refuses what is out of its range', async (_, call, bad) => {
  for (const value of bad) {
    const run = async (): Promise<unknown> => call(value as never);
    await expect(run(), JSON.stringify(value) ?? String(value)).rejects.toThrow(OptionError);
  }
});

/** What takes files' contents, tensors, or nothing: the tests of their own try them. */
const others = [
  ...[
    'bytesSource',
    'tensorSource',
    'detectLayout',
    'planWeights',
    'inspectWeights',
    'weightLayouts',
    'readArchitecture',
  ],
  ...['describeArchitecture', 'clipImage', 'clipText', 'parseTokenizerFile', 'writeTokenizerFile', 'byteSymbols'],
  ...['Clip', 'clipSimilarity', 'readTinyClip', 'tinyClip', 'readResnetTiny', 'resnetTiny', 'resnetTinyStatistics'],
  ...['cprflTemplate', 'mktTemplate', 'ensembleTemplates', 'zoo', 'preprocessingOf'],
  ...['buildTextTower', 'loadTextTower'],
];

test('every export is in a table', () => {
  const named = new Set([...rows, ...later].map(([name]) => name.split(/[ .]/)[0]));
  expect(Object.keys(backbone).filter((name) => !named.has(name) && !others.includes(name))).toEqual([]);
});

test.each([5, null, undefined, [], {}, { vocabulary: {}, merges: [] }, '', '5', 'null', '[]', '"a"', '{"model":5}'])(
  'a tokenizer of %j is refused as no tokenizer file',
  (file) => {
    expect(() => new backbone.ClipTokenizer(file as never)).toThrow(DataError);
    expect(() => backbone.parseTokenizerFile(file as never)).toThrow(DataError);
  },
);

test('ids that are none are refused', () => {
  for (const id of [-1, 0.5, Number.NaN, 1e9]) expect(() => tokenizer.decode([id])).toThrow(DataError);
});

test.each([
  ['ResNet', () => new backbone.ResNet(small.resnet, new RandomStream(1)), 8],
  ['ClipResNet', () => new backbone.ClipResNet(small.clipResnet, new RandomStream(1)), 64],
  ['VisionTransformer', () => new backbone.VisionTransformer(small.vit, new RandomStream(1)), 8],
  ['ClipVisionTransformer', () => new backbone.ClipVisionTransformer(small.clipVit, new RandomStream(1)), 8],
] as const)('%s takes pictures of int32 for the same of float32', async (_, make, size) => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const network = make().eval();
  const whole = tf.randomUniform([2, size, size, 3], 0, 256, 'int32', 3);
  const [a, b] = [whole, tf.cast(whole, 'float32')].map((images) => tf.tidy(() => network.forward(images).features));
  expect(Array.from(await a.data())).toEqual(Array.from(await b.data()));
  expect(Math.max(...(await tf.abs(a).data()))).toBeGreaterThan(0);
  tf.dispose([whole, a, b]);
  network.dispose();
});

test('weights whose shapes are those of no network are refused as data', async () => {
  const network = backbone.bottleneckResNet(small.shape, { classes: 3 });
  const good = await exportState(network);
  network.dispose();
  const shapes: [name: string, shape: number[]][] = [
    ['layer1.0.conv3.weight', [6, 2, 1, 1]],
    ['layer1.0.conv2.weight', [2, 3, 3, 3]],
    ['layer2.0.conv2.weight', [1, 1, 3, 3]],
    ['fc.weight', [0, 8]],
    ['conv1.weight', [0, 3, 7, 7]],
    ['conv1.weight', [2, 3]],
  ];
  for (const [name, shape] of shapes) {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const source = backbone.tensorSource(new Map(good).set(name, { dtype: 'F32', shape, data }));
    await expect(backbone.loadResNet(source, { classifier: true }), name).rejects.toThrow(DataError);
  }
});
