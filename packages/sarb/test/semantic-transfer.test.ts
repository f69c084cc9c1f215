import { differentiate, disposeGradients, exportState, RandomStreams } from '@ltml/tensor';
import type { Batch, StepContext } from '@ltml/tensor/contract';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import { fit, memoryCheckpoints, type StepReport } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import {
  type SemanticTransfer,
  type TransferConfig,
  type TransferPreset,
  transferConfigSchema,
  transferPresets,
} from '../src/index.ts';
import { randomLabels } from './support.ts';
import { setupTransfer } from './synthetic.ts';

const presets: Record<TransferPreset, object> = {
  sst: { inter: { references: { name: 'queue', size: 4 } } },
  hst: {
    margin: { name: 'learned', start: 0.3 },
    inter: { weight: 0.1, references: { name: 'prototypes', count: 2, every: 2 } },
  },
};

/** Small and quick: it finds labels from the second epoch on. */
function smallConfig(preset: TransferPreset = 'sst', options: object = {}): TransferConfig {
  return transferConfigSchema.parse({
    epochs: 4,
    features: 5,
    attention: { name: 'decoupling', innerFeatures: 4 },
    optimizer: { learningRate: 0.01 },
    schedule: { every: 3 },
    from: 1,
    margin: { name: 'falling', start: 0.3, end: 0.1, epochs: 2 },
    intra: { pairFeatures: 3, hiddenFeatures: 4 },
    ...presets[preset],
    ...options,
  });
}

async function train(config: TransferConfig, eager = false) {
  const { learner, loader, random } = setupTransfer(config);
  const reports: StepReport[] = [];
  await fit({ learner, loader, random, observers: [{ onStep: (report) => void reports.push(report) }], eager });
  const weights = await exportState(learner);
  learner.dispose();
  return { reports, weights };
}

function contextOf(epoch: number): StepContext {
  return { ...onlyStep(new RandomStreams(5)), step: 9, totalSteps: 40, epoch, epochs: 4 };
}

function batchOf(B: number, share: number): Batch {
  return { inputs: randomTensor([B, 2, 2, 6], 3), ...randomLabels(B, 4, 4, share) };
}

function stepOf(learner: SemanticTransfer, batch: Batch, epoch: number) {
  const named = [...learner.trainableParameters()];
  const parameters = named.map(([, parameter]) => parameter);
  const { terms, gradients } = differentiate(() => learner.stages[0].step(batch, contextOf(epoch)), parameters);
  const reached = named.filter(([, parameter]) => gradients.has(parameter)).map(([name]) => name);
  const finite = [...gradients.values()].every((gradient) => gradient.dataSync().every(Number.isFinite));
  disposeGradients(gradients);
  return {
    terms: Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()[0]])),
    reached,
    finite,
  };
}

describe('SemanticTransfer', () => {
  it.each(Object.keys(transferPresets) as TransferPreset[])(
    'learns as %s, and finds labels from its epoch on',
    async (preset) => {
      const { reports } = await train(smallConfig(preset, { epochs: 8 }), true);
      const mean = (some: StepReport[]): number => some.reduce((sum, { terms }) => sum + terms.bce, 0) / some.length;
      expect(mean(reports.slice(-4))).toBeLessThan(mean(reports.slice(0, 4)));
      expect(Object.keys(reports[0].terms).sort()).toEqual(['bce', 'coOccurrence', 'contrastive']);
      const finding = [
        'bce',
        'coOccurrence',
        'contrastive',
        'inter',
        'intra',
        ...(preset === 'hst' ? ['distance'] : []),
      ];
      expect(Object.keys(reports[30].terms).sort()).toEqual(finding.sort());
      expect(reports.slice(4).some(({ terms }) => terms.inter > 0)).toBe(true);
    },
  );

  it('goes on from a checkpoint to the last bit, with its queue and its prototypes', async () => {
    for (const preset of ['sst', 'hst'] as const) {
      const run = async (stopAfter: number, store = memoryCheckpoints(), resume = false) => {
        const { learner, loader, random } = setupTransfer(smallConfig(preset));
        const losses: number[] = [];
        const controller = new AbortController();
        const onStep = ({ loss, step }: StepReport): void => {
          losses.push(loss);
          if (step >= stopAfter) controller.abort();
        };
        await fit({
          learner,
          loader,
          random,
          eager: true,
          observers: [{ onStep }],
          signal: controller.signal,
          checkpoints: { store, resume },
        });
        const state = await exportState(learner);
        learner.dispose();
        return { losses, state, store };
      };
      const whole = await run(Number.POSITIVE_INFINITY);
      const first = await run(6);
      const second = await run(Number.POSITIVE_INFINITY, first.store, true);
      expect([...first.losses, ...second.losses]).toEqual(whole.losses);
      expect(second.state).toEqual(whole.state);
      const held = whole.state.get(preset === 'sst' ? 'queue.features' : 'prototypes');
      expect(held?.data.some((value) => value !== 0)).toBe(true);
    }
  });

  it.each(['sst', 'hst'] as const)('gives compiled what it gives step by step, as %s', async (preset) => {
    const [eager, compiled] = [await train(smallConfig(preset), true), await train(smallConfig(preset))];
    for (const [i, { loss, terms }] of compiled.reports.entries()) {
      const expected = eager.reports[i];
      const close = { relative: 1e-4, absolute: 1e-6 };
      expectClose([loss, ...Object.values(terms)], [expected.loss, ...Object.values(expected.terms)], close);
    }
  });

  it('finds nothing where all is known, and learns no pairs where nothing is', () => {
    const { learner } = setupTransfer(smallConfig());
    const all = stepOf(learner, batchOf(4, 1), 2);
    expect([all.terms.intra, all.terms.inter, all.finite]).toEqual([0, 0, true]);
    const nothing = stepOf(learner, batchOf(4, 0), 2);
    expect([nothing.terms.bce, nothing.terms.coOccurrence, nothing.finite]).toEqual([0, 0, true]);
    learner.dispose();
  });

  it('leaves its margins alone until it finds labels; then keeps them between 0 and 1', () => {
    const { learner } = setupTransfer(smallConfig('hst'));
    const margins = ['intraMargin', 'interMargin'];
    expect(stepOf(learner, batchOf(4, 0.5), 0).reached).not.toEqual(expect.arrayContaining(margins));
    learner.intraMargin!.variable.assign(tf.scalar(1.5));
    expect(stepOf(learner, batchOf(4, 0.5), 1).reached).toEqual(expect.arrayContaining(margins));
    expect(learner.intraMargin!.variable.dataSync()[0]).toBe(1);
    learner.dispose();
  });

  it('moves margins at a rate of their own, if they have one', async () => {
    const marginAt = async (learningRate: number | null): Promise<number> => {
      const margin = { name: 'learned', start: 0.5, learningRate };
      const { weights } = await train(smallConfig('hst', { margin }), true);
      return Math.abs(Number(weights.get('interMargin')?.data[0]) - 0.5);
    };
    // 12 steps find labels; a step of Adam is about its rate.
    expect(await marginAt(1e-5)).toBeLessThan(13e-5);
    expect(await marginAt(null)).toBeGreaterThan(1e-3);
  });

  it('goes without either way to find labels, and with one class', () => {
    const { learner } = setupTransfer(smallConfig('sst', { intra: null, inter: null, contrastive: null }));
    expect(Object.keys(stepOf(learner, batchOf(4, 0.5), 2).terms)).toEqual(['bce']);
    expect([...learner.namedState()].map(([name]) => name).filter((name) => /coOcc|queue|argin/.test(name))).toEqual(
      [],
    );
    learner.dispose();
    const single = setupTransfer(smallConfig(), 1).learner;
    const { inputs, labels, known } = batchOf(4, 0.5);
    const column = (x: tf.Tensor2D): tf.Tensor2D => tf.slice(x, [0, 0], [4, 1]);
    const { terms, finite } = stepOf(single, { inputs, labels: column(labels), known: column(known) }, 2);
    expect([Object.keys(terms), finite]).toEqual([['bce', 'inter', 'contrastive'], true]);
    single.dispose();
  });

  it('needs a training set for prototypes, and word vectors for decoupling', () => {
    expect(() => setupTransfer(smallConfig('hst'), 4, { trainingSet: undefined } as never)).toThrow(
      /parts\.trainingSet/,
    );
    expect(() => setupTransfer(smallConfig(), 4, { classEmbeddings: null } as never)).toThrow(/parts\.classEmbeddings/);
  });
});
