import { Coop, coopConfigSchema, Lmpt, lmptConfigSchema, VisionOnly, visionOnlyConfigSchema } from '@ltml/coop';
import { OptionError, RandomStreams } from '@ltml/tensor';
import type { LabelScorer, StepContext } from '@ltml/tensor/contract';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { LetterTower, normal, noStatistics, tokenizer, width } from './support.ts';

const classes = ['dog', 'cat', 'bus'];
const task = { classes, statistics: noStatistics };
const texts = { textTower: new LetterTower(), tokenizer };
const places = normal<tf.Rank.R3>([2, 5, width], 1);
const contextLength = { positive: 3, negative: 2 };
const create = (options: object = {}, parts: object = {}) =>
  new Coop(
    task,
    { features: width, ...texts, ...parts },
    coopConfigSchema.parse({ contextLength, ...options }),
    new RandomStreams(1),
  );

it('reads any labels by contexts that classes share, and its own classes alike', () => {
  const learner = create();
  const expected = learner.predict(places);
  const labels = [...classes].reverse();
  const before = tf.memory().numTensors;
  const scorer = learner.labelScorer?.(labels) as LabelScorer;
  const [got, maps] = [scorer.predict(places), scorer.evidence?.(places) as tf.Tensor4D];
  scorer.dispose();
  expect(tf.memory().numTensors).toBe(before + 2);
  expectClose(tf.reverse(maps, 1).dataSync(), learner.evidence(places).dataSync(), { absolute: 1e-5 });
  expectClose(tf.reverse(got, 1).dataSync(), expected.dataSync(), { relative: 1e-5, absolute: 1e-4 });
  for (const options of [{ perClass: true }, { prompts: 'positive' }, { prompts: 'negative' }]) {
    const own = create(options);
    expect(own.labelScorer).toBeUndefined();
    expect(() => own.classes.ofNames(['owl'])).toThrow(OptionError);
  }
});

it('learns one embedding as it is, with or without a vector beside the prompt', () => {
  const names = (options: object) => [...create(options).namedParameters()].map(([name]) => name);
  expect(names({})).toEqual(['classes.positive.vectors', 'classes.negative.vectors']);
  expect(names({ prompts: 'positive' })).toEqual(['classes.positive.vectors', 'classes.free', 'classes.extra']);
  expect(names({ prompts: 'negative', extraEmbedding: false })).toEqual(['classes.negative.vectors', 'classes.free']);
});

it('draws some classes for a step, others each time, and leaves the others alone', () => {
  const learner = create({ perClass: true, classesAtOnce: 2 });
  const [stage] = learner.stages;
  const random = new RandomStreams(3);
  const context = onlyStep(random);
  const labels = tf.tensor2d([1, 0, 1, 0, 1, 0], [2, 3]);
  const untouched = Array.from({ length: 6 }, () => {
    const vectors = learner.classes.positive!.vectors.variable;
    const { grads } = tf.variableGrads(
      () => stage.step({ inputs: places, labels, known: tf.onesLike(labels) }, context).loss,
      [vectors],
    );
    const sizes = tf.sum(tf.abs(grads[vectors.name]), [1, 2]).dataSync();
    return sizes.indexOf(0);
  });
  expect(untouched.every((c) => c >= 0)).toBe(true);
  expect(new Set(untouched).size).toBeGreaterThan(1);
  const criterion = (): tf.Scalar => tf.scalar(0);
  expect(() => create({ classesAtOnce: 2 }, { criterion })).toThrow('classesAtOnce');
});

it('shows where it sees a class', () => {
  const maps = create().evidence(places);
  expect(maps.shape).toEqual([2, 3, 2, 2]);
  expect(create().evidence(normal([1, 4, width], 2)).shape).toEqual([1, 3, 1, 4]);
});

it('needs a text tower whose texts are as wide as the places', () => {
  expect(() => create({}, { textTower: undefined })).toThrow('parts.textTower');
  expect(() => create({}, { features: width + 1 })).toThrow('parts.textTower');
});

it('the baseline works on any places', () => {
  const learner = new VisionOnly(task, { features: width }, visionOnlyConfigSchema.parse({}), new RandomStreams(1));
  const map = tf.reshape(tf.slice(places, [0, 1, 0], [2, 4, width]), [2, 2, 2, width]);
  const rows = tf.reshape(map, [2, 4, width]);
  expect(learner.predict(map).dataSync()).toEqual(learner.predict(rows).dataSync());
});

it('LMPT takes captions beside images, and says so where there are none', () => {
  const statistics = { trainCount: 10, classCounts: [5, 3, 2], cooccurrence: [] };
  const make = (lambda: number) =>
    new Lmpt(
      { classes, statistics },
      { features: width, ...texts },
      lmptConfigSchema.parse({ contextLength: 3, lambda }),
      new RandomStreams(1),
    );
  const learner = make(0.5);
  const [stage] = learner.stages;
  const context = { epoch: 0, random: new RandomStreams(1) } as unknown as StepContext;
  const images = normal<tf.Rank.R2>([2, width], 5);
  const labels = tf.tensor2d([1, 0, 1, 0, 1, 0], [2, 3]);
  const known = tf.onesLike(labels);
  const captions = normal<tf.Rank.R3>([2, learner.prompts.embedTokens().shape[1], width], 6);
  const { loss, terms } = stage.step({ inputs: { images, captions }, labels, known }, context);
  const parts = [terms.classification, terms.captions].map((term) => term.dataSync()[0]);
  expectClose(loss.dataSync(), [(parts[0] + parts[1]) / 2], { relative: 1e-5 });
  expect(() => stage.step({ inputs: images, labels, known }, context)).toThrow(
    '1, because the inputs have no captions',
  );
  const alone = make(1).stages[0].step({ inputs: images, labels, known }, context);
  expectClose(alone.loss.dataSync(), [parts[0]], { relative: 1e-5 });
});
