import { asymmetricLoss, partialBinaryCrossEntropy } from '@ltml/losses';
import { differentiate, disposeGradients, exportState, importState, Module, RandomStreams } from '@ltml/tensor';
import type { Batch, MapEncoder, StepContext } from '@ltml/tensor/contract';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import { fit, memoryCheckpoints, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import {
  blendInstances,
  type Sarb,
  type SarbConfig,
  type SarbPreset,
  sarb,
  sarbConfigSchema,
  sarbPresets,
} from '../src/index.ts';
import { expectNoLeak, randomLabels } from './support.ts';
import { setup, smallConfig } from './synthetic.ts';

/** Reports and weights of a whole training. */
async function train(config: SarbConfig, eager = false) {
  const { learner, loader, random } = setup(config);
  const reports: StepReport[] = [];
  const observers = [{ onStep: (report: StepReport) => void reports.push(report) }];
  const result = await fit({ learner, loader, random, observers, eager });
  const weights = await exportState(learner);
  learner.dispose();
  return { reports, weights, result };
}

function batchOf(B: number, share: number, seed = 3): Batch {
  return { inputs: randomTensor([B, 2, 2, 6], seed), ...randomLabels(B, 4, seed + 1, share) };
}

function contextOf(epoch: number, step = 9): StepContext {
  return { ...onlyStep(new RandomStreams(5)), step, totalSteps: 40, epoch, epochs: 4 };
}

/** One step, differentiated: its loss, its terms, and whether each parameter got a gradient. */
function differentiatedStep(learner: Sarb, batch: Batch, context: StepContext) {
  const named = [...learner.trainableParameters()];
  const parameters = named.map(([, parameter]) => parameter);
  const { loss, terms, gradients } = differentiate(() => learner.stages[0].step(batch, context), parameters);
  const reached = new Map(named.map(([name, parameter]) => [name, gradients.has(parameter)]));
  const finite = [...gradients.values()].every((gradient) => gradient.dataSync().every(Number.isFinite));
  const values = Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()[0]]));
  disposeGradients(gradients);
  return { loss: loss.dataSync()[0], terms: values, reached, finite };
}

const small: Record<SarbPreset, Record<string, unknown>> = {
  sarb: {},
  'sarb-masks': { attention: { name: 'masks' } },
  dsrb: { blending: { prototypes: null, quadrants: { every: 2 } } },
  ilrb: { blending: { prototypes: null } },
  plrb: { blending: { instances: null } },
  'ilrb-fixed': { blending: { instances: { learnable: false }, prototypes: null } },
  'plrb-fixed': { blending: { instances: null, prototypes: { learnable: false, count: 2, every: 2 } } },
  'ip-mixup': { blending: { instances: null, prototypes: null, mixup: { of: 'inputs' } }, contrastive: null },
  'fm-mixup': { blending: { instances: null, prototypes: null, mixup: { of: 'maps' } }, contrastive: null },
  ssgrl: { blending: { instances: null, prototypes: null }, contrastive: null },
};

describe('Sarb', () => {
  it.each(Object.keys(sarbPresets) as SarbPreset[])('learns with the parts of the preset %s', async (preset) => {
    const { reports } = await train(smallConfig({ epochs: 8, ...small[preset] }), true);
    const mean = (some: StepReport[]): number => some.reduce((sum, { terms }) => sum + terms.bce, 0) / some.length;
    expect(mean(reports.slice(-4))).toBeLessThan(mean(reports.slice(0, 4)));
    const { blending, contrastive } = sarbPresets[preset];
    const terms = ['instances', 'prototypes', 'quadrants', 'mixup'].filter((name) => blending[name as 'mixup']);
    expect(Object.keys(reports[0].terms)).toEqual(['bce', ...(contrastive ? ['contrastive'] : [])]);
    expect(Object.keys(reports[30].terms).sort()).toEqual(
      ['bce', ...terms, ...(contrastive ? ['contrastive'] : [])].sort(),
    );
  });

  it('gives compiled what it gives step by step, over 20 steps', async () => {
    const config = smallConfig({ epochs: 6 });
    const [eager, compiled] = [await train(config, true), await train(config)];
    expect(compiled.reports.length).toBeGreaterThanOrEqual(20);
    for (const [i, { loss, terms, step }] of compiled.reports.entries()) {
      const tolerance = { relative: step <= 20 ? 1e-6 : 1e-5, absolute: 1e-7 };
      expectClose(
        [loss, ...Object.values(terms)],
        [eager.reports[i].loss, ...Object.values(eager.reports[i].terms)],
        tolerance,
      );
    }
    for (const [name, { data }] of compiled.weights) {
      // Gradients of these are rounding alone (see SemanticDecoupling), which Adam scales up to full steps.
      if (/fc3\.bias|fc4\.bias/.test(name)) continue;
      expectClose(data as Float32Array, eager.weights.get(name)?.data as Float32Array, {
        relative: 1e-3,
        absolute: 1e-5,
      });
    }
  });

  // In the first epoch, at the border of blending, and after prototypes were made anew; compiled in the midst of
  // blending.
  it.each([
    { eager: true, stops: [2, 4, 13] },
    { eager: false, stops: [6] },
  ])(
    'goes on from a checkpoint to the last bit: prototypes, optimiser, α, β, best score; eager: $eager',
    async ({ eager, stops }) => {
      const run = async (options: {
        stopAfter?: number;
        store?: ReturnType<typeof memoryCheckpoints>;
        resume?: boolean;
      }) => {
        const { learner, loader, random, dataset } = setup();
        const losses: number[] = [];
        const controller = new AbortController();
        const onStep = ({ loss, step }: StepReport): void => {
          losses.push(loss);
          if (step >= (options.stopAfter ?? Number.POSITIVE_INFINITY)) controller.abort();
        };
        const result = await fit({
          ...{ learner, loader, random, eager, observers: [{ onStep }], signal: controller.signal },
          validation: { dataset, metrics: ({ scores }) => ({ first: scores[0] }) },
          selection: { metric: 'first' },
          ...(options.store && { checkpoints: { store: options.store, resume: options.resume ?? false } }),
        });
        const state = await exportState(learner);
        learner.dispose();
        return { losses, result, state };
      };
      const whole = await run({});
      for (const stopAfter of stops) {
        const store = memoryCheckpoints();
        const first = await run({ stopAfter, store });
        const second = await run({ store, resume: true });
        expect([...first.losses, ...second.losses]).toEqual(whole.losses);
        expect(second.state).toEqual(whole.state);
        expect(second.result.best).toEqual(whole.result.best);
      }
      expect(whole.state.get('prototypes')?.data.some((value) => value !== 0)).toBe(true);
    },
  );

  it('leaves α and β alone, without even a decay, until blending begins; then keeps them between 0 and 1', async () => {
    const { reports, weights } = await train(smallConfig({ epochs: 1 }), true);
    expect(reports.length).toBe(4);
    expect([weights.get('alpha')?.data[0], weights.get('beta')?.data[0]]).toEqual([0.5, 0.5]);
    const { learner } = setup();
    learner.alpha!.variable.assign(tf.scalar(1.5));
    const { reached } = differentiatedStep(learner, batchOf(4, 0.5), contextOf(1));
    expect(learner.alpha!.variable.dataSync()[0]).toBe(1);
    expect([reached.get('alpha'), reached.get('beta')]).toEqual([true, true]);
    expect(differentiatedStep(learner, batchOf(4, 0.5), contextOf(0)).reached.get('alpha')).toBe(false);
    learner.dispose();
  });

  it('moves α and β at a rate of their own, if they have one', async () => {
    const sharesAt = async (shareLearningRate: number | null): Promise<number[]> => {
      const blending = { shareLearningRate };
      const { weights } = await train(smallConfig({ optimizer: { learningRate: 1e-2 }, blending }), true);
      return ['alpha', 'beta'].map((name) => Math.abs(Number(weights.get(name)?.data[0]) - 0.5));
    };
    // 12 steps blend; a step of Adam is about its rate.
    for (const moved of await sharesAt(1e-5)) expect(moved).toBeLessThan(13e-5);
    for (const moved of await sharesAt(null)) expect(moved).toBeGreaterThan(1e-2);
  });

  it('has three equal cross-entropies where all is known', () => {
    const { learner } = setup();
    const { terms } = differentiatedStep(learner, batchOf(4, 1), contextOf(2));
    expectClose([terms.instances, terms.prototypes], [terms.bce, terms.bce]);
    learner.dispose();
    const released = setup(smallConfig({ blending: { prototypes: { overwriteFullyKnown: true } } })).learner;
    const overwritten = differentiatedStep(released, batchOf(4, 1), contextOf(2)).terms;
    expect(overwritten.prototypes).not.toBeCloseTo(overwritten.bce, 5);
    released.dispose();
  });

  it('keeps α and β as they are where they are fixed, and blends by them', () => {
    const share = { share: 0.25, learnable: false };
    const { learner } = setup(smallConfig({ blending: { instances: share, prototypes: share }, features: 6 }));
    expect([...learner.trainableParameters()].map(([name]) => name)).not.toContain('alpha');
    const { terms, reached } = differentiatedStep(learner, batchOf(4, 0.5), contextOf(2));
    expect([reached.has('alpha'), reached.has('beta')]).toEqual([false, false]);
    expect([learner.alpha, learner.beta].map((parameter) => parameter?.variable.dataSync()[0])).toEqual([0.25, 0.25]);
    const { inputs, labels, known } = batchOf(4, 0.5);
    const { features } = learner.forward(inputs);
    const blended = blendInstances({ features, labels, known }, { alpha: tf.scalar(0.25) });
    const loss = partialBinaryCrossEntropy(learner.classify(blended.features), blended.labels, {
      known: blended.known,
    });
    expectClose([terms.instances], loss.dataSync());
    learner.dispose();
  });

  it('pairs by reversal whatever the seed, or at random by it', () => {
    const instancesOf = (pairing: 'reversal' | 'random', seed: number): number => {
      const config = smallConfig({
        features: 6,
        contrastive: null,
        blending: { instances: { pairing }, prototypes: null },
      });
      const { learner } = setup(config);
      const context = { ...contextOf(2), random: new RandomStreams(seed) };
      const { terms } = differentiatedStep(learner, batchOf(8, 0.5), context);
      learner.dispose();
      return terms.instances;
    };
    const distinct = (pairing: 'reversal' | 'random'): number =>
      new Set([1, 2, 3, 4].map((seed) => instancesOf(pairing, seed))).size;
    expect(distinct('reversal')).toBe(1);
    expect(distinct('random')).toBeGreaterThan(1);
  });

  // What the encoder does is not linear, so that blending before and after it differ.
  it.each(['inputs', 'maps'] as const)('mixes up whole %s with those of the partner, by the rule of ILRB', (of) => {
    class Squares extends Module implements MapEncoder {
      forward(images: tf.Tensor) {
        const featureMap = tf.square(images as tf.Tensor4D);
        return { featureMap, features: tf.mean<tf.Tensor2D>(featureMap, [1, 2]) };
      }
    }
    const blending = { instances: null, prototypes: null, mixup: { of, share: 0.3 } };
    const encoder = new Squares();
    const { learner } = setup(smallConfig({ features: 6, contrastive: null, blending }), { encoder });
    const batch = batchOf(5, 0.5);
    const { terms, reached } = differentiatedStep(learner, batch, contextOf(2));
    const mix = (x: tf.Tensor): tf.Tensor => tf.add(tf.mul(x, 0.3), tf.mul(tf.reverse(x, 0), 0.7));
    const map = of === 'inputs' ? tf.square(mix(batch.inputs)) : mix(tf.square(batch.inputs));
    const [labels, known] = [batch.labels, batch.known].map((x) => x.arraySync());
    const given = known.map((row, n) => row.map((k, c) => Number(!k && known[4 - n][c] && labels[4 - n][c])));
    expect(given.flat()).toContain(1);
    const soft = given.map((row, n) => row.map((g, c) => (g ? 0.7 : labels[n][c])));
    const either = given.map((row, n) => row.map((g, c) => g || known[n][c]));
    const words = learner.wordFeatures?.variable as unknown as tf.Tensor2D;
    const attended = learner.SemanticDecoupling?.forward(map as tf.Tensor4D, words);
    const logits = learner.classify(attended?.features as tf.Tensor3D);
    const loss = partialBinaryCrossEntropy(logits, tf.tensor2d(soft), { known: tf.tensor2d(either) });
    expectClose([terms.mixup], loss.dataSync());
    expect(reached.get('alpha')).toBe(true);
    learner.dispose();
  });

  it('is finite with one image, with nothing known and at extreme maps', () => {
    const { learner } = setup(smallConfig({ features: 6 }));
    for (const batch of [batchOf(1, 0.5), batchOf(3, 0), { ...batchOf(3, 0.5), inputs: tf.fill([3, 2, 2, 6], 1e4) }]) {
      const { loss, finite } = differentiatedStep(learner, batch, contextOf(2));
      expect([Number.isFinite(loss), finite]).toEqual([true, true]);
    }
    learner.dispose();
  });

  it('says how its loss comes from its images, which accumulating gradients must know', () => {
    const reductionOf = (config: object, parts: object = {}) => {
      const { learner } = setup({ ...smallConfig(), ...config }, parts);
      learner.dispose();
      return learner.stages[0].lossReduction;
    };
    const image = { normalization: 'image' };
    expect([reductionOf({}), reductionOf(image)]).toEqual([undefined, 'sum']);
    const criterion = (logits: tf.Tensor2D) => tf.mean<tf.Scalar>(logits);
    expect(reductionOf(image, { criterion })).toBeUndefined();
    expect(reductionOf(image, { criterion, lossReduction: 'mean' })).toBe('mean');
  });

  it('weighs the contrastive loss up over the first epoch', () => {
    const { learner } = setup();
    const [none, half, all] = [0, 5, 25].map((step) => {
      const epoch = Math.floor(step / 10);
      return differentiatedStep(learner, batchOf(6, 1), contextOf(epoch, step)).terms.contrastive;
    });
    expect(none).toBe(0);
    // Pairs are sampled alike each time, from streams of the same seed.
    expectClose([half], [all / 2]);
    learner.dispose();
  });

  it('makes prototypes before the epochs of the schedule, in evaluation mode, and trains on', async () => {
    const { learner } = setup();
    const [stage] = learner.stages;
    const prototypes = (): Float32Array => learner.prototypes!.variable.dataSync().slice() as Float32Array;
    const mean = (): Float32Array => learner.changeChannel[1]!.running_mean.variable.dataSync().slice() as Float32Array;
    const [empty, statistics] = [prototypes(), mean()];
    learner.train();
    await stage.onEpochStart!(contextOf(0));
    expect(prototypes()).toEqual(empty);
    await stage.onEpochStart!(contextOf(1));
    const made = prototypes();
    expect(made).not.toEqual(empty);
    expect([...learner.prototypeCounts!.variable.dataSync()]).toEqual([2, 2, 2, 2]);
    expect([mean(), learner.training]).toEqual([statistics, true]);
    learner.fc.weight.variable.assign(tf.zerosLike(learner.fc.weight.variable));
    await stage.onEpochStart!(contextOf(2));
    expect(prototypes()).toEqual(made);
    await stage.onEpochStart!(contextOf(3));
    expect(prototypes()).not.toEqual(made);
    learner.dispose();
  });

  it('predicts without blending, and the same for an image whatever is around it', () => {
    const { learner } = setup();
    learner.eval();
    const inputs = randomTensor<tf.Tensor4D>([3, 2, 2, 6], 1);
    const [all, first] = [learner.predict(inputs), learner.predict(tf.slice(inputs, [0, 0, 0, 0], [1, 2, 2, 6]))];
    expectClose(first.dataSync(), tf.slice(all, [0, 0], [1, 4]).dataSync());
    const { map, attention, features, logits } = learner.forward(inputs);
    expect([map.shape, attention.shape, features.shape]).toEqual([
      [3, 2, 2, 5],
      [3, 4, 4],
      [3, 4, 5],
    ]);
    expectClose(learner.classify(features).dataSync(), logits.dataSync(), { absolute: 1e-6 });
    learner.dispose();
  });

  it('trains an encoder with it, and any criterion', async () => {
    class Tint extends Module implements MapEncoder {
      forward(images: tf.Tensor) {
        const featureMap = tf.tile(images as tf.Tensor4D, [1, 1, 1, 2]);
        return { featureMap, features: tf.mean<tf.Tensor2D>(featureMap, [1, 2]) };
      }
    }
    const criterion = (logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D): tf.Scalar =>
      asymmetricLoss(logits, labels, { known, reduction: 'mean' });
    const { learner } = setup(smallConfig({ features: 6 }), { encoder: new Tint(), criterion });
    const batch = { ...batchOf(4, 0.5), inputs: randomTensor([4, 2, 2, 3], 2) };
    const { finite, terms } = differentiatedStep(learner, batch, contextOf(2));
    expect([finite, Number.isFinite(terms.instances)]).toEqual([true, true]);
    learner.dispose();
  });

  it('normalises by the batch or, as in the text, by each image', () => {
    const batch = batchOf(4, 0.5);
    const [byBatch, byImage] = (['batch', 'image'] as const).map((normalization) => {
      const { learner } = setup(smallConfig({ normalization, contrastive: null }));
      const { terms } = differentiatedStep(learner, batch, contextOf(0));
      learner.dispose();
      return terms.bce;
    });
    expect(byImage).not.toBeCloseTo(byBatch);
  });

  it('takes the published names, and leaves no tensor behind', async () => {
    const { learner } = setup();
    const names = [...learner.namedParameters()].map(([name]) => name);
    expect(names).toContain('changeChannel.0.weight');
    expect(names).toContain('SemanticDecoupling.fc4.bias');
    expect(names).toContain('GraphNeuralNetwork.fc_3_u.weight');
    expect(names).toContain('classifiers.bias');
    const again = setup().learner;
    importState(again, await exportState(learner));
    for (const module of [learner, again]) module.dispose();
    // The tensor of words is the caller's.
    const words = randomTensor<tf.Tensor2D>([4, 3], 9);
    await expectNoLeak(async () => {
      const { learner, loader, random } = setup(smallConfig(), { classEmbeddings: words });
      await fit({ learner, loader, random });
      learner.dispose();
      return [];
    });
  });
});

describe('sarb, the method', () => {
  it('has a configuration for each row of the paper, of which the default is SARB', () => {
    expect(sarbPresets.sarb).toEqual(sarbConfigSchema.parse({}));
    expect(sarbPresets.sarb).toMatchObject({
      epochs: 20,
      features: 1024,
      blending: { from: 5, instances: { share: 0.5 }, prototypes: { share: 0.5, count: 10, every: 5 } },
      contrastive: { weight: 0.05 },
      optimizer: { name: 'adam', learningRate: 1e-5, weightDecay: 5e-4, beta1: 0.9, beta2: 0.999 },
      schedule: { name: 'step', every: 10, gamma: 0.1 },
    });
  });

  it('refuses what is unknown or missing, and says what', () => {
    const { task, learner } = setup();
    const random = new RandomStreams(1);
    expect(() => sarb.configSchema.parse({ blend: true })).toThrow(/blend/);
    expect(() => sarb.create(task, { features: 6 }, smallConfig(), random)).toThrow(
      /parts.classEmbeddings should be word vectors/,
    );
    const words = tf.zeros([3, 2]) as tf.Tensor2D;
    expect(() => sarb.create(task, { features: 6, classEmbeddings: words }, smallConfig(), random)).toThrow(
      /parts.classEmbeddings should be \[C, E\]/,
    );
    const masks = smallConfig({ attention: { name: 'masks' } });
    expect(() => sarb.create(task, { features: 6 }, masks, random)).toThrow(
      /parts.trainingSet should be the training batches/,
    );
    learner.dispose();
  });
});
