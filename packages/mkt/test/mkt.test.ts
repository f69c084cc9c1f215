import { Mkt, mktConfigSchema } from '@ltml/mkt';
import { differentiate, disposeGradients, exportState, importState, RandomStreams } from '@ltml/tensor';
import type { Batch } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as oracle from './oracle.ts';
import { classes, context, makeBatch, randomTensor, setup, task, taskPrompts } from './support.ts';

const labels = [
  [1, 0, 1, 0],
  [0, 0, 0, 1],
  [0, 1, 0, 0],
];

/** One optimiser step of a stage. */
function step(mkt: Mkt, name: 'distil' | 'prompt', batch: Batch): Record<string, number> {
  const stage = mkt.stages.find((candidate) => candidate.name === name);
  if (!stage) throw new Error(`no stage ${name}`);
  const named = [...mkt.trainableParameters()].filter(([parameter]) => parameter.search(stage.trains as RegExp) >= 0);
  const optimizer = stage.optimizer(named);
  mkt.train();
  const { loss, terms, gradients } = differentiate(
    () => stage.step(batch, context),
    named.map(([, parameter]) => parameter),
  );
  optimizer.step(gradients);
  const numbers = Object.fromEntries(Object.entries(terms).map(([term, value]) => [term, value.dataSync()[0]]));
  disposeGradients(gradients);
  tf.dispose([loss, ...Object.values(terms)]);
  optimizer.dispose();
  return numbers;
}

function disposeBatch({ inputs, labels, known }: Batch): void {
  tf.dispose([inputs, labels, known]);
}

describe('the first stage', () => {
  it('ranks against the labels and distils the teacher', () => {
    const { mkt, teacher, dispose } = setup();
    const batch = makeBatch(labels, [
      [1, 1, 1, 0],
      [1, 1, 1, 1],
      [0, 1, 1, 1],
    ]);
    tf.tidy(() => {
      const { loss, terms } = mkt.stages[0].step(batch, context);
      const { logits, features } = mkt.forward(batch.inputs);
      const known = batch.known.arraySync();
      expectClose(terms.ranking.dataSync(), [oracle.rankingLoss(logits.arraySync(), labels, known)]);
      const distance = tf.mean(tf.abs(tf.sub(features, teacher.forward(batch.inputs).features)));
      expectClose(terms.distillation.dataSync(), distance.dataSync());
      expectClose(loss.dataSync(), tf.add(terms.ranking, terms.distillation).dataSync());
    });
    disposeBatch(batch);
    dispose();
  });

  it('leaves images without a known positive out', () => {
    const { mkt, dispose } = setup();
    const whole = makeBatch([...labels, [0, 0, 0, 0]]);
    const unknown = makeBatch([...labels, [1, 0, 0, 0]], [...labels.map((row) => row.map(() => 1)), [0, 1, 1, 1]]);
    tf.tidy(() => {
      const rest = { ...whole, labels: tf.slice(whole.labels, [0, 0], [3, 4]), known: tf.ones<tf.Rank.R2>([3, 4]) };
      const few = { ...rest, inputs: tf.slice(whole.inputs, [0, 0, 0, 0], [3, 2, 3, 3]) };
      const expected = mkt.stages[0].step(few, context).loss.dataSync();
      expectClose(mkt.stages[0].step(whole, context).loss.dataSync(), expected);
      expectClose(mkt.stages[0].step(unknown, context).loss.dataSync(), expected);
    });
    disposeBatch(whole);
    disposeBatch(unknown);
    dispose();
  });

  it('has a loss and gradients of 0 for a batch without positives', () => {
    const { mkt, dispose } = setup();
    const batch = makeBatch([[0, 0, 0, 0]]);
    const parameters = [...mkt.namedParameters()].filter(([name]) => !name.startsWith('prompt.')).map(([, p]) => p);
    const { loss, terms, gradients } = differentiate(() => mkt.stages[0].step(batch, context), parameters);
    expect(loss.dataSync()[0]).toBe(0);
    for (const gradient of gradients.values()) {
      for (const value of gradient.dataSync()) expect(value + 0).toBe(0);
    }
    disposeGradients(gradients);
    tf.dispose([loss, ...Object.values(terms)]);
    disposeBatch(batch);
    dispose();
  });

  it('moves student and head, neither prompt nor teacher', async () => {
    const { mkt, teacher, dispose } = setup();
    const batch = makeBatch(labels);
    const before = await exportState(mkt);
    const taught = await exportState(teacher);
    step(mkt, 'distil', batch);
    const after = await exportState(mkt);
    const moved = [...after]
      .filter(([name, { data }]) => `${data}` !== `${before.get(name)?.data}`)
      .map(([name]) => name);
    expect(moved).toEqual([...before.keys()].filter((name) => /^(student|head)\./.test(name)));
    expect(await exportState(teacher)).toEqual(taught);
    disposeBatch(batch);
    dispose();
  });

  it('needs no teacher where the weight is 0', () => {
    const random = new RandomStreams(1);
    const config = mktConfigSchema.parse({ distillation: { weight: 0 }, prompt: { epochs: 0 } });
    const embeddings = randomTensor<tf.Tensor2D>([4, 5], random.stream('labels'));
    const mkt = new Mkt(task, { features: 6, classEmbeddings: embeddings }, config, random);
    embeddings.dispose();
    const tokens = randomTensor([3, 4, 6], random.stream('tokens'));
    const batch = { ...makeBatch(labels), inputs: tokens };
    expect(Object.keys(step(mkt, 'distil', batch))).toEqual(['ranking']);
    disposeBatch(batch);
    mkt.dispose();
  });
});

describe('the second stage', () => {
  for (const tuneBoundaryTokens of [false, true]) {
    it(`moves the context ${tuneBoundaryTokens ? 'and the boundary ' : ''}and nothing else`, async () => {
      const { mkt, tower, dispose } = setup({ prompt: { optimizer: { learningRate: 0.1 }, tuneBoundaryTokens } });
      const batch = makeBatch(labels);
      const before = await exportState(mkt);
      const tables = await exportState(tower);
      step(mkt, 'prompt', batch);
      const after = await exportState(mkt);
      const moved = [...after].filter(([name, { data }]) => `${data}` !== `${before.get(name)?.data}`);
      const expected = ['prompt.context', ...(tuneBoundaryTokens ? ['prompt.boundary'] : [])];
      expect(moved.map(([name]) => name)).toEqual(expected);
      expect(await exportState(tower)).toEqual(tables);
      disposeBatch(batch);
      dispose();
    });
  }

  it('scores by the prompt as it was before the evaluation', async () => {
    const { mkt, dispose } = setup({ prompt: { optimizer: { learningRate: 0.1 } } });
    const batch = makeBatch(labels);
    const before = [...tf.tidy(() => mkt.predict(batch.inputs)).dataSync()];
    step(mkt, 'prompt', batch);
    expect([...tf.tidy(() => mkt.predict(batch.inputs)).dataSync()]).toEqual(before);
    mkt.stages[1].beforeEvaluation?.();
    const scores = tf.tidy(() => {
      const tuned = mkt.embedLabels(taskPrompts());
      const expected = mkt.score(mkt.streams(mkt.embedImages(batch.inputs), tuned));
      const predicted = mkt.predict(batch.inputs).dataSync();
      expectClose(predicted, expected.dataSync());
      return [...predicted];
    });
    expect(scores).not.toEqual(before);
    // What was read is of the state, so that a learner that is loaded needs no text tower to predict.
    const other = setup({ prompt: { optimizer: { learningRate: 0.1 } } }, 2);
    importState(other.mkt, await exportState(mkt));
    expect([...tf.tidy(() => other.mkt.predict(batch.inputs)).dataSync()]).toEqual(scores);
    other.dispose();
    disposeBatch(batch);
    dispose();
  });
});

describe('scores', () => {
  it('are those of the task, and of any other labels', () => {
    const { mkt, dispose } = setup();
    const batch = makeBatch(labels);
    tf.tidy(() => {
      const image = mkt.embedImages(batch.inputs);
      const all = mkt.streams(image, mkt.embedLabels(taskPrompts()));
      expectClose(mkt.score(all).dataSync(), mkt.predict(batch.inputs).dataSync());
      const more = mkt.embedLabels(taskPrompts([...classes, 'green three']));
      expect(mkt.score(mkt.streams(image, more)).shape).toEqual([3, 5]);
    });
    disposeBatch(batch);
    dispose();
  });

  it('come from the encoder itself, from a shared projection, or from two heads', () => {
    const names = { encoder: [], shared: ['head.proj'], mlp: ['head.proj', 'head.local.fc1.weight'] };
    for (const [localHead, expected] of Object.entries(names)) {
      const { mkt, dispose } = setup({ localHead });
      const heads = [...mkt.namedParameters()].map(([name]) => name).filter((name) => name.startsWith('head.'));
      expect(heads.slice(0, 2)).toEqual(expected);
      dispose();
    }
  });
});

it('takes maps for patches, and refuses patches of another width than the features', () => {
  const random = new RandomStreams(1);
  const config = mktConfigSchema.parse({ distillation: { weight: 0 }, prompt: { epochs: 0 } });
  const map = (width: number) => ({
    forward: (images: tf.Tensor) => ({
      features: tf.zeros<tf.Rank.R2>([images.shape[0], 6]),
      featureMap: tf.ones<tf.Rank.R4>([images.shape[0], 2, 2, width]),
    }),
  });
  tf.tidy(() => {
    const embeddings = tf.ones<tf.Rank.R2>([4, 5]);
    const make = (width: number): Mkt => {
      const mkt = new Mkt(task, { features: 6, classEmbeddings: embeddings }, config, random);
      return Object.assign(mkt, { student: map(width) as never });
    };
    const [fits, wide] = [make(6), make(8)];
    expect(fits.embedImages(tf.zeros([3, 2, 2, 3])).patches.shape).toEqual([3, 4, 5]);
    expect(() => wide.embedImages(tf.zeros([3, 2, 2, 3]))).toThrow(/patches as wide as its features, 6/);
  });
});

describe('parts that do not fit', () => {
  const make = (options: object, parts: object) => () => {
    const given = { features: 6, classEmbeddings: tf.ones<tf.Rank.R2>([4, 5]), ...parts };
    return new Mkt(task, given, mktConfigSchema.parse(options), new RandomStreams(1));
  };

  it('are refused with what is missing', () => {
    tf.tidy(() => {
      expect(make({ prompt: { epochs: 0 } }, {})).toThrow(/parts.teacher should be a teacher, because/);
      expect(make({ distillation: { weight: 0 } }, {})).toThrow(/parts.textTower should be .*, because prompt.epochs/);
      const none = { distil: { epochs: 0 }, prompt: { epochs: 0 } };
      expect(make(none, {})().stages).toEqual([]);
      const alone = { distillation: { weight: 0 }, prompt: { epochs: 0 } };
      expect(make(alone, { classEmbeddings: tf.ones([3, 5]) })).toThrow(/parts.classEmbeddings should be \[4, D\]/);
      expect(make(alone, { classEmbeddings: undefined })).toThrow(
        /parts.textTower should be a text tower, or parts.classEmbed/,
      );
      const fixed = make(alone, {})();
      expect(() => fixed.embedLabels(taskPrompts())).toThrow(/parts.textTower should be a text tower, to embed/);
    });
  });
});

it('leaks no tensors, and disposes of what it owns', () => {
  const start = tf.memory().numTensors;
  const { mkt, dispose } = setup();
  const batch = makeBatch(labels);
  const before = tf.memory().numTensors;
  for (const stage of ['distil', 'prompt'] as const) {
    step(mkt, stage, batch);
    mkt.eval().predict(batch.inputs).dispose();
    expect(tf.memory().numTensors).toBe(before);
  }
  disposeBatch(batch);
  dispose();
  expect(tf.memory().numTensors).toBe(start);
});
