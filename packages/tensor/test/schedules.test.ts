import {
  byEpoch,
  constantRate,
  constantWarmup,
  cosineDecay,
  linearWarmup,
  multiStepDecay,
  OptionError,
  oneCycle,
  type Schedule,
  stepDecay,
} from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const factors = (schedule: Schedule, steps: readonly number[]) =>
  steps.map((step) => schedule(step).learningRateFactor);
const momenta = (schedule: Schedule, steps: readonly number[]) => steps.map((step) => schedule(step).momentum ?? NaN);
const tight = { relative: 1e-12, absolute: 1e-15 };

test('constantRate leaves the rates as they are', () => {
  expect(constantRate()(123)).toEqual({ learningRateFactor: 1 });
});

test('stepDecay falls at every multiple', () => {
  expectClose(factors(stepDecay({ every: 3 }), [0, 2, 3, 5, 6, 6.5]), [1, 1, 0.1, 0.1, 0.01, 0.01], tight);
  expectClose(factors(stepDecay({ every: 1, gamma: 0.5 }), [0, 1, 2]), [1, 0.5, 0.25], tight);
});

test('multiStepDecay falls at its milestones, in whatever order they are given', () => {
  expectClose(
    factors(multiStepDecay({ milestones: [7, 5] }), [0, 4, 5, 6, 7, 99]),
    [1, 1, 0.1, 0.1, 0.01, 0.01],
    tight,
  );
  expectClose(factors(multiStepDecay({ milestones: [] }), [0, 9]), [1, 1], tight);
});

describe('cosineDecay', () => {
  test('is 1 up to its start, half way down in the middle and at its minimum from the end on', () => {
    const schedule = cosineDecay({ start: 2, end: 10, minimum: 0.2 });
    expectClose(factors(schedule, [0, 2, 6, 10, 1000]), [1, 1, 0.6, 0.2, 0.2], tight);
    // ¼ of the way: 0.2 + 0.8 · ½ (1 + √½)
    expectClose(factors(schedule, [4]), [0.2 + 0.4 * (1 + Math.SQRT1_2)], tight);
  });

  test('may end higher than it began', () => {
    expectClose(factors(cosineDecay({ end: 2, minimum: 3 }), [0, 1, 2]), [1, 2, 3], tight);
  });
});

test('constantWarmup gives all groups one rate, and the schedule runs on behind it', () => {
  const schedule = constantWarmup(stepDecay({ every: 2, gamma: 0.5 }), { steps: 3, learningRate: 1e-5 });
  expect(schedule(2)).toEqual({ learningRateFactor: 0.5, learningRate: 1e-5 });
  expect(schedule(3)).toEqual({ learningRateFactor: 0.5 });
  expect(() => constantWarmup(constantRate(), { steps: 3, learningRate: -1 })).toThrow(OptionError);
});

test('byEpoch keeps the rates of the first step of an epoch', () => {
  const fall: Schedule = (step) => ({ learningRateFactor: 1 - step / 10 });
  expectClose(factors(byEpoch(fall, 3), [0, 1, 2, 3, 5, 6]), [1, 1, 1, 0.7, 0.7, 0.4], tight);
  // 21 steps of 7 / 10 of an epoch each: divisions that round down must not fall an epoch behind.
  const epochs = Array.from({ length: 10 }, (_, epoch) => byEpoch(fall, 0.7)(0.7 * epoch).learningRateFactor);
  expectClose(
    epochs,
    Array.from({ length: 10 }, (_, epoch) => 1 - 0.07 * epoch),
    tight,
  );
  expect(() => byEpoch(fall, 0)).toThrow(OptionError);
});

describe('linearWarmup', () => {
  test('from 0 the first step changes nothing, and the ramp ends where the schedule takes over', () => {
    const schedule = linearWarmup(constantRate(), { steps: 4 });
    expectClose(factors(schedule, [0, 1, 2, 3, 4, 5]), [0, 0.25, 0.5, 0.75, 1, 1], tight);
  });

  test('multiplies what the schedule says meanwhile', () => {
    const schedule = linearWarmup(multiStepDecay({ milestones: [2] }), { steps: 3, from: 1 / 3 });
    // mmcv: lr · (1 − (1 − step / 3) · (1 − ⅓))
    expectClose(factors(schedule, [0, 1, 2, 3]), [1 / 3, 5 / 9, 7 / 90, 0.1], tight);
  });

  test('leaves the schedule as it is at 0 steps, and its momentum at any', () => {
    expectClose(factors(linearWarmup(stepDecay({ every: 1 }), { steps: 0 }), [0, 1]), [1, 0.1], tight);
    const cycled = oneCycle({ totalSteps: 10 });
    expect(momenta(linearWarmup(cycled, { steps: 5 }), [0, 3, 9])).toEqual(momenta(cycled, [0, 3, 9]));
  });
});

describe('oneCycle', () => {
  test('turns where PyTorch turns: at riseFraction · total − 1 and at total − 1', () => {
    const schedule = oneCycle({ totalSteps: 10, riseFraction: 0.5, divisor: 10, finalDivisor: 100 });
    expectClose(factors(schedule, [0, 2, 4, 9, 50]), [0.1, 0.55, 1, 0.001, 0.001], tight);
    expectClose(momenta(schedule, [0, 2, 4, 9, 50]), [0.95, 0.9, 0.85, 0.95, 0.95], tight);
  });

  test('linearly, quarter by quarter', () => {
    const schedule = oneCycle({ totalSteps: 10, riseFraction: 0.5, divisor: 2, finalDivisor: 5, anneal: 'linear' });
    expectClose(factors(schedule, [0, 1, 2, 3, 4, 5, 9]), [0.5, 0.625, 0.75, 0.875, 1, 0.82, 0.1], tight);
    expectClose(momenta(schedule, [1, 5]), [0.925, 0.87], tight);
  });

  test('a turning point between two steps is passed, not met', () => {
    // The rise ends at step 0.5 of 4; step 1 is 0.5 of the 2.5 steps of the fall.
    const schedule = oneCycle({ totalSteps: 4, riseFraction: 0.375, divisor: 2, finalDivisor: 1, anneal: 'linear' });
    expectClose(factors(schedule, [0, 1, 2, 3]), [0.5, 0.9, 0.7, 0.5], tight);
  });

  test('without a rise, and with a single step', () => {
    expectClose(factors(oneCycle({ totalSteps: 10, riseFraction: 0.1 }), [0]), [1], tight);
    expectClose(factors(oneCycle({ totalSteps: 1 }), [0]), [1 / 25e4], tight);
  });

  test('leaves the momentum alone if told so', () => {
    expect(oneCycle({ totalSteps: 10, momentum: null })(3)).not.toHaveProperty('momentum');
  });
});

test('no schedule jumps but the step decays, and none leaves its bounds', () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  const lengths = fc.record({ warmup: fc.integer({ min: 1, max: 50 }), rest: fc.integer({ min: 10, max: 200 }) });
  fc.assert(
    fc.property(lengths, fraction, fraction, ({ warmup, rest }, at, minimum) => {
      const end = warmup + rest;
      const schedules = [
        linearWarmup(cosineDecay({ start: warmup, end, minimum }), { steps: warmup }),
        oneCycle({ totalSteps: end + 1, riseFraction: (warmup + 1) / (end + 1) }),
        oneCycle({ totalSteps: end + 1, riseFraction: (warmup + 1) / (end + 1), anneal: 'linear' }),
      ];
      const step = at * end;
      for (const schedule of schedules) {
        const [here, next] = factors(schedule, [step, step + 1e-6]);
        // The steepest is half a cosine or a ramp over one step.
        expect(Math.abs(here - next)).toBeLessThan(1e-5);
        expect(here).toBeGreaterThanOrEqual(0);
        expect(here).toBeLessThanOrEqual(1 + 1e-12);
      }
    }),
    { seed: 1 },
  );
});

test('options that make no sense are refused', () => {
  expect(() => stepDecay({ every: 0 })).toThrow(/stepDecay: options.every should be a finite number > 0, got 0/);
  expect(() => multiStepDecay({ milestones: [1, -1] })).toThrow(/options.milestones/);
  expect(() => cosineDecay({ start: 5, end: 5 })).toThrow(/options.end should be a finite number > 5/);
  expect(() => linearWarmup(constantRate(), { steps: -1 })).toThrow(OptionError);
  expect(() => oneCycle({ totalSteps: 0 })).toThrow(OptionError);
  expect(() => oneCycle({ totalSteps: 9, riseFraction: 1 })).toThrow(OptionError);
  expect(() => oneCycle({ totalSteps: 9, anneal: 'cos' as 'cosine' })).toThrow(/options.anneal/);
  expect(() => cosineDecay({ end: 9, min: 0.1 } as never)).toThrow(/end, start, minimum.*"min"/);
});
