import { readFileSync } from 'node:fs';
import * as ltml from '@ltml/tensor';
import { classStatistics, type FrequencyGroupsOptions, frequencyGroups } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import {
  anything,
  belowOne,
  choice,
  count,
  describeOptions,
  flag,
  notNegative,
  number,
  type OptionsRow,
  positive,
  share,
} from './describe-options.ts';

const random = new ltml.RandomStream(1);
const scalar = () => new ltml.Parameter(tf.zeros([1]));
const groups = () => [{ parameters: [['p', scalar()] as const], learningRate: 1 }];
const window = { kernel: count(), stride: count(), padding: count(0, 1) };

/** Every function, by the name of the type of its options. */
const rows: Readonly<Record<string, readonly OptionsRow[]>> = {
  AdamOptions: [ltml.Adam, ltml.AdamW].map((Kind) => ({
    call: (options) => new Kind(groups(), options),
    valid: {},
    options: { beta1: belowOne, beta2: belowOne, epsilon: notNegative },
  })),
  AttentionOptions: [
    {
      call: (options) => ltml.attention(tf.ones([1, 2, 4]), tf.ones([1, 2, 4]), tf.ones([1, 2, 4]), options),
      valid: { heads: 2 },
      options: { heads: choice(...([1, 2, 4] as never[])), causal: flag },
    },
    {
      call: (options) => ltml.selfAttention(tf.ones([1, 2, 12]), options),
      valid: { heads: 2 },
      options: { heads: choice(...([1, 2, 4] as never[])), causal: flag },
    },
  ],
  AvgPool2dOptions: [
    {
      call: (options) => ltml.avgPool2d(tf.ones([1, 3, 3, 1]), options),
      valid: { kernel: 2 },
      options: { ...window, countIncludePad: flag },
    },
  ],
  BatchNormLayerOptions: [
    {
      call: (options) => new ltml.BatchNorm(options),
      valid: { channels: 2 },
      options: { channels: count(), epsilon: notNegative, momentum: share },
    },
  ],
  BatchNormOptions: [
    {
      call: (options) => ltml.batchNormTraining(tf.ones([2, 1]), tf.ones([1]), tf.ones([1]), options),
      valid: {},
      options: { epsilon: notNegative },
    },
    {
      call: (options) => {
        const statistics = { mean: tf.ones([1]), variance: tf.ones([1]) };
        return ltml.batchNormInference(tf.ones([2, 1]), tf.ones([1]), tf.ones([1]), statistics, options);
      },
      valid: {},
      options: { epsilon: notNegative },
    },
  ],
  ClassStatisticsOptions: [
    {
      call: (options) => classStatistics({ rows: 1, columns: 1, present: Uint8Array.of(1) }, options),
      valid: {},
      options: { unknown: choice('ignore', 'negative'), classNames: anything },
    },
  ],
  CompileOptions: [
    {
      call: (options) => ltml.compile(() => ({}), options),
      valid: {},
      options: {
        name: anything,
        key: anything,
        maxTraces: count(),
        eager: flag,
        xla: flag,
        precision: choice('float32', 'mixed'),
        onRetrace: anything,
        onFallback: anything,
      },
    },
  ],
  Conv2dLayerOptions: [
    {
      call: (options) => new ltml.Conv2d(options),
      valid: { inChannels: 2, outChannels: 2, kernel: 1, random },
      options: {
        inChannels: count(),
        outChannels: count(),
        kernel: count(),
        stride: count(),
        padding: count(0),
        dilation: count(),
        groups: count(1, 2),
        bias: flag,
        initializer: anything,
        random: anything,
      },
    },
  ],
  Conv2dOptions: [
    {
      call: (options) => ltml.conv2d(tf.ones([1, 2, 2, 1]), tf.ones([1, 1, 1, 1]), options),
      valid: {},
      options: { stride: count(), padding: count(0), dilation: count(), groups: count(1, 1) },
    },
  ],
  CosineDecayOptions: [
    {
      call: (options) => ltml.cosineDecay(options),
      valid: { end: Number.MAX_VALUE },
      options: { end: positive, start: notNegative, minimum: notNegative },
    },
  ],
  DifferentiateOptions: [
    {
      call: (options) => {
        const p = scalar();
        const loss = () => ({ loss: tf.sum<tf.Scalar>(p.variable), terms: {} });
        return ltml.differentiate(loss, [p], options);
      },
      valid: {},
      options: { lossScale: positive },
    },
  ],
  DropoutOptions: [
    { call: (options) => new ltml.Dropout(options), valid: { random }, options: { rate: share, random: anything } },
  ],
  EmaOptions: [
    {
      call: (options) => new ltml.Ema(new ltml.LayerNorm({ features: 1 }), options),
      valid: {},
      options: { decay: share },
    },
  ],
  FrequencyGroupsOptions: [
    {
      call: (options: FrequencyGroupsOptions) => frequencyGroups([1], options),
      valid: {},
      options: {
        headFrom: number((value) => value >= 20),
        tailBelow: number((value) => value >= 0 && value <= 100),
      },
    },
  ],
  ImportStateOptions: [
    {
      call: (options) => ltml.importState(new ltml.Dropout({ random }), new Map(), options),
      valid: {},
      options: { partial: flag },
    },
  ],
  JsonBounds: [
    {
      call: (options) => ltml.parseJson('options', 'text', '1', options),
      valid: {},
      options: { deepest: count(), most: count() },
    },
  ],
  L2NormalizeOptions: [
    {
      call: (options) => ltml.l2Normalize(tf.ones([2, 2]), options),
      valid: {},
      options: { axis: count(-2, 1), epsilon: notNegative },
    },
  ],
  LayerNormLayerOptions: [
    {
      call: (options) => new ltml.LayerNorm(options),
      valid: { features: 2 },
      options: { features: count(), epsilon: notNegative },
    },
  ],
  LayerNormOptions: [
    {
      call: (options) => ltml.layerNorm(tf.ones([2]), tf.ones([2]), tf.ones([2]), options),
      valid: {},
      options: { epsilon: notNegative },
    },
  ],
  LinearOptions: [
    {
      call: (options) => new ltml.Linear(options),
      valid: { inFeatures: 1, outFeatures: 1, random },
      options: {
        inFeatures: count(),
        outFeatures: count(),
        bias: flag,
        initializer: anything,
        biasInitializer: anything,
        random: anything,
      },
    },
  ],
  ConstantWarmupOptions: [
    {
      call: (options) => ltml.constantWarmup(ltml.constantRate(), options),
      valid: { steps: 3, learningRate: 1e-5 },
      options: { steps: notNegative, learningRate: notNegative },
    },
  ],
  LinearWarmupOptions: [
    {
      call: (options) => ltml.linearWarmup(ltml.constantRate(), options),
      valid: { steps: 3 },
      options: { steps: notNegative, from: notNegative },
    },
  ],
  MultiStepDecayOptions: [
    {
      call: (options) => ltml.multiStepDecay(options),
      valid: { milestones: [1] },
      options: { milestones: Array.isArray, gamma: notNegative },
    },
  ],
  OneCycleOptions: [
    {
      call: (options) => ltml.oneCycle(options),
      valid: { totalSteps: 5 },
      options: {
        totalSteps: number((value) => value >= 1),
        riseFraction: belowOne,
        divisor: positive,
        finalDivisor: positive,
        momentum: (value) => value === null,
        anneal: choice('cosine', 'linear'),
      },
    },
  ],
  ParameterOptions: [
    {
      call: (options) => new ltml.Parameter(tf.ones([1]), options),
      valid: {},
      options: { layout: choice('OIHW', 'OI') },
    },
  ],
  Pool2dOptions: [
    {
      call: (options) => ltml.maxPool2d(tf.ones([1, 3, 3, 1]), options),
      valid: { kernel: 2 },
      options: window,
    },
  ],
  RoiAlignOptions: [ltml.roiAlign, ltml.roiAlignMean].map((align) => ({
    call: (options) => align(tf.ones([1, 2, 2, 1]), tf.ones([1, 1, 4]), options),
    valid: { scale: 1 },
    options: { scale: positive, bins: count() },
  })),
  SgdOptions: [
    {
      call: (options) => new ltml.Sgd(groups(), options),
      valid: {},
      options: { momentum: notNegative, dampening: notNegative, nesterov: flag },
    },
  ],
  StepDecayOptions: [
    {
      call: (options) => ltml.stepDecay(options),
      valid: { every: 3 },
      options: { every: positive, gamma: notNegative },
    },
  ],
  WriteSafetensorsOptions: [
    {
      call: (options) => ltml.writeSafetensors(new Map(), options),
      valid: {},
      options: { metadata: anything, float32As: choice('F32', 'F16') },
    },
  ],
};

const source = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');

describeOptions(rows, `${source('index.ts')}${source('labels/index.ts')}`);
