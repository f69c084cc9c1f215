import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TrainingConfig, trainingOf, trainingShape } from '../../src/config/index.ts';
import { Parameter } from '../../src/module.ts';

const schema = z.strictObject(
  trainingShape({
    epochs: 4,
    optimizer: { name: 'sgd', learningRate: 0.5, weightDecay: 0.1 },
    schedule: { name: 'cosine', minLearningRate: 0.05, warmup: { epochs: 1 } },
    averageDecay: 0.9,
  }),
);
const parse = (value: object): TrainingConfig => schema.parse(value) as TrainingConfig;

describe('the configuration of a stage', () => {
  it('has the published values where nothing is said', () => {
    expect(parse({})).toEqual({
      epochs: 4,
      optimizer: { name: 'sgd', learningRate: 0.5, weightDecay: 0.1, momentum: 0.9, nesterov: false },
      schedule: {
        name: 'cosine',
        minLearningRate: 0.05,
        epochs: null,
        by: 'step',
        warmup: { epochs: 1, steps: null, from: 0, learningRate: null },
      },
      maxGradientNorm: null,
      averageDecay: 0.9,
    });
  });

  it('keeps them beside a single option, with or without the name', () => {
    for (const optimizer of [
      { momentum: 0.5 },
      { name: 'sgd', momentum: 0.5 },
      { momentum: 0.5, learningRate: undefined },
    ]) {
      expect(parse({ optimizer }).optimizer).toMatchObject({ name: 'sgd', learningRate: 0.5, momentum: 0.5 });
    }
  });

  it('drops them for an optimiser or a schedule by another name', () => {
    const { optimizer, schedule } = parse({
      optimizer: { name: 'adam', learningRate: 1 },
      schedule: { name: 'constant' },
    });
    expect(optimizer).toEqual({ name: 'adam', learningRate: 1, weightDecay: 0, beta1: 0.9, beta2: 0.999 });
    expect(schedule).toEqual({ name: 'constant', warmup: null });
  });

  it.each([
    [{ optimizer: { name: 'adam' } }, /learningRate/],
    [{ optimizer: { beta1: 0.5 } }, /beta1/],
    [{ optimizer: { name: 'lion', learningRate: 1 } }, /optimizer/],
    [{ schedule: { warmup: { epochs: 1, steps: 3 } } }, /either epochs or steps/],
    [{ schedule: { warmup: { from: 0.5 } } }, /either epochs or steps/],
    [{ schedule: { name: 'multiStep', milestones: [-1] } }, /milestones/],
  ])('refuses %j', (value, message) => {
    expect(() => schema.parse(value)).toThrow(message);
  });

  it.each([
    [{ name: 'constant' }, [1, 1, 1, 1]],
    [{ warmup: null }, [1, 0.9 * 0.5 + 0.1, 0.1, 0.1]],
    [{}, [0, 0.1 + 0.9 * 0.75, 0.1, 0.1]],
    [{ warmup: { steps: 40, from: 0.5 } }, [0.5, 0.75, 1, 0.1]],
    [
      { warmup: null, epochs: 8 },
      [1, 0.1 + 0.9 * (0.5 + Math.SQRT1_2 / 2), 0.55, 0.1 + 0.9 * (0.5 - Math.SQRT1_2 / 2)],
    ],
    [{ name: 'step', every: 2, gamma: 0.5 }, [1, 0.5, 0.25, 0.125]],
    [{ name: 'multiStep', milestones: [1.5, 4] }, [1, 0.1, 0.01, 0.01]],
  ])('follows the schedule %j over 40 steps and beyond', (schedule, expected) => {
    const rates = trainingOf(parse({ schedule })).schedule(40);
    for (const [i, step] of [0, 20, 40, 60].entries())
      expect(rates(step).learningRateFactor).toBeCloseTo(expected[i], 6);
  });

  it('falls once an epoch, after an epoch at one rate for all', () => {
    const schedule = { by: 'epoch', epochs: 4, minLearningRate: 0, warmup: { epochs: 1, learningRate: 1e-5 } };
    const rates = trainingOf(parse({ schedule })).schedule(40);
    expect([0, 9].map(rates)).toEqual(Array(2).fill({ learningRateFactor: 1, learningRate: 1e-5 }));
    for (const [step, epoch] of [
      [10, 1],
      [19, 1],
      [20, 2],
      [39, 3],
    ]) {
      const { learningRateFactor, learningRate } = rates(step);
      expect(learningRate).toBeUndefined();
      expect(learningRateFactor).toBeCloseTo((1 + Math.cos((Math.PI * (epoch - 1)) / 4)) / 2, 12);
    }
  });

  it('lays a cycle out for more epochs than it trains', () => {
    const momentum = [0.95, 0.85];
    const cycle = { name: 'oneCycle', epochs: 8, riseFraction: 0.5, momentum };
    const [longer, whole] = [cycle, { ...cycle, epochs: null }].map((schedule) =>
      trainingOf(parse({ schedule })).schedule(40),
    );
    expect(longer(39)).toEqual({ learningRateFactor: 1, momentum: 0.85 });
    expect(whole(19)).toEqual({ learningRateFactor: 1, momentum: 0.85 });
  });

  it('builds the optimiser over the groups that a method makes', () => {
    const [weight, bias] = [0, 1].map(() => new Parameter(tf.scalar(1)));
    const { optimizer, averageDecay, maxGradientNorm } = trainingOf(
      parse({ maxGradientNorm: 2 }),
      (parameters, rates) => [
        { ...rates, parameters: parameters.slice(0, 1) },
        { ...rates, parameters: parameters.slice(1), weightDecay: 0 },
      ],
    );
    const built = optimizer([
      ['weight', weight],
      ['bias', bias],
    ]);
    const zero = tf.scalar(0);
    built.step(new Map([weight, bias].map((parameter) => [parameter, zero])));
    expect([weight, bias].map(({ variable }) => variable.dataSync()[0])).toEqual([Math.fround(0.95), 1]);
    expect([averageDecay, maxGradientNorm]).toEqual([0.9, 2]);
    built.dispose();
    tf.dispose([zero, weight.variable, bias.variable]);
  });
});
