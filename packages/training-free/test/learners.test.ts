import { ClipVisionTransformer } from '@ltml/backbone';
import { l2Normalize, Module, OptionError, RandomStream, RandomStreams } from '@ltml/tensor';
import type { StepContext, TextTokenizer, TextTower } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import {
  matchClasses,
  piaa,
  Sparc,
  sparc,
  sparcConfigSchema,
  sparcScores,
  type Tagclip,
  tagclip,
  tagclipConfigSchema,
  tagclipScores,
} from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal } from './support.ts';

const D = 6;

/** A text is the sum of fixed vectors of its letters. */
class LetterTower extends Module implements TextTower {
  readonly #letters = normal<tf.Rank.R2>([128, D], 20);

  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    return tf.gather(this.#letters as tf.Tensor, tf.cast(ids, 'int32')) as tf.Tensor3D;
  }

  forwardEmbedded(tokens: tf.Tensor3D, ids: tf.Tensor): { embedding: tf.Tensor2D } {
    const isText = tf.expandDims(tf.cast(tf.greater(ids, 0), 'float32'), 2);
    return { embedding: tf.sum(tf.mul(tf.tanh(tokens), isText), 1) };
  }
}

const tokenizer: TextTokenizer = {
  contextLength: 40,
  startId: 1,
  endId: 127,
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0) % 127),
};
const textTower = new LetterTower();
const texts = { textTower, tokenizer };
const classes = ['dog', 'cat', 'bus'];
const task = { classes, statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
const random = new RandomStreams(1);

const compounds = ['a dog and a cat', 'dogs in a bus', 'a cat on a bus', 'cats, dogs'];

function embedded(names: readonly string[]): tf.Tensor2D {
  const rows = names.map((name) => {
    const ids = tf.tensor2d([[1, ...tokenizer.encode(name), 127]], undefined, 'int32');
    return textTower.forwardEmbedded(textTower.embedTokens(ids), ids).embedding;
  });
  return l2Normalize(tf.concat(rows, 0)) as tf.Tensor2D;
}

it('SPARC that learned from a set of images scores them as the published code does', async () => {
  const features = normal<tf.Rank.R2>([14, D], 21);
  const config = sparcConfigSchema.parse({ templates: ['a {}'], compounds });
  const learner = new Sparc(task, { features: D, ...texts }, config);
  const [stage] = learner.stages;
  const labels = tf.zeros<tf.Rank.R2>([7, 3]);
  for (const epoch of [0, 1]) {
    const context = { epoch, random } as unknown as StepContext;
    await stage.onEpochStart?.(context);
    for (const inputs of tf.split(features, 2)) stage.step({ inputs, labels, known: labels }, context);
    await stage.beforeEvaluation?.();
  }
  const unit = l2Normalize(features) as tf.Tensor2D;
  const cosines = (names: readonly string[]) => tf.matMul(unit, embedded(names), false, true) as tf.Tensor2D;
  const matches = matchClasses(compounds, classes);
  const members = classes.map((_, c) => [...matches.keys()].filter((m) => matches[m].includes(c)));
  const expected = await sparcScores(
    { ensemble: cosines(classes.map((name) => `a ${name}`)), simple: cosines(classes), compound: cosines(compounds) },
    members,
  );
  const got = learner.forward(features);
  expectClose(got.merged.dataSync(), expected.merged.dataSync(), { relative: 1e-3, absolute: 1e-3 });
  expectClose(got.score.dataSync(), expected.score.dataSync(), { relative: 1e-3, absolute: 1e-3 });
});

it('SPARC needs no compound prompts', () => {
  const learner = sparc.create(task, { features: D, ...texts }, sparcConfigSchema.parse({}), random);
  expect(learner.predict(normal([2, D], 22)).shape).toEqual([2, 3]);
});

it('scores other labels if they were named before, in any order', () => {
  const config = sparcConfigSchema.parse({ otherClasses: ['owl'] });
  const learner = new Sparc(task, { features: D, ...texts }, config);
  const inputs = normal<tf.Rank.R2>([2, D], 23);
  expect(learner.predict(inputs).shape).toEqual([2, 3]);
  const [whole, some] = [learner.forward(inputs).score, learner.labelScorer(['owl', 'cat']).predict(inputs)];
  expect(some.arraySync()).toEqual(tf.gather(whole, tf.tensor1d([3, 1], 'int32'), 1).arraySync());
  expect(() => learner.labelScorer(['owls'])).toThrow('Did you mean "owl"?');
  expect(() => learner.labelScorer([])).toThrow(OptionError);
});

const tower = () =>
  new ClipVisionTransformer(
    { imageSize: 16, patchSize: 8, width: 16, layers: 3, heads: 2, embedding: D },
    new RandomStream(2),
  );
const config = tagclipConfigSchema.parse({ layers: [1, 2], votes: 1, background: ['sky'], templates: ['a {}'] });

it('TagCLIP scores each image of a batch by itself, and any labels', () => {
  const learner = tagclip.create(task, { encoder: tower(), ...texts }, config, random) as Tagclip;
  const images = normal<tf.Rank.R4>([2, 16, 24, 3], 24);
  const before = tf.memory().numTensors;
  const scores = learner.predict(images);
  expect(tf.memory().numTensors).toBe(before + 1);
  const text = embedded([...classes, 'sky'].map((name) => `a ${name}`));
  const image = tf.slice<tf.Rank.R4, tf.Tensor4D>(images, [1, 0, 0, 0], [1, 16, 24, 3]);
  const alone = tagclipScores(learner.encoder, image, text, { layers: [1, 2], votes: 1, classes: 3 }).score;
  expectClose(tf.slice(scores, [1, 0], [1, 3]).dataSync(), alone.dataSync(), { absolute: 1e-6 });
  const scorer = learner.labelScorer(['cat', 'owl']);
  expect(scorer.predict(images).shape).toEqual([2, 2]);
  scorer.dispose();
  learner.dispose();
});

it('takes embeddings of the classes in place of a text tower, of any length', () => {
  const classEmbeddings = tf.mul<tf.Tensor2D>(embedded(classes.map((name) => `a ${name}`)), 7);
  const images = normal<tf.Rank.R4>([1, 16, 16, 3], 25);
  const own = tagclipConfigSchema.parse({ layers: [1, 2], votes: 1, templates: ['a {}'] });
  const encoder = tower();
  const by = (parts: object) =>
    tagclip
      .create(task, { encoder, ...parts }, own, random)
      .predict(images)
      .dataSync();
  expectClose(by({ classEmbeddings }), by(texts), { absolute: 1e-5 });
  const plain = { ...piaa.presets.voc, patches: 'plain' } as typeof piaa.presets.voc;
  const learner = piaa.create(task, { features: D, classEmbeddings }, plain, random);
  expect(learner.predict(normal([2, 5, D], 26)).shape).toEqual([2, 3]);
  const others = { ...plain, otherClasses: ['owl'] };
  expect(() => piaa.create(task, { features: D, classEmbeddings }, others, random)).toThrow('otherClasses');
});

it('TagCLIP and PIAA say which encoder they need', () => {
  expect(() => tagclip.create(task, texts, config, random)).toThrow('vision transformer of CLIP');
  const parts = { features: D, ...texts };
  expect(() => piaa.create(task, parts, piaa.presets.voc as never, random)).toThrow('config.patches');
});
