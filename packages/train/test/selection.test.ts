import { describe, expect, it } from 'vitest';
import { initialSelection, type SelectionOptions, select, shouldStop } from '../src/selection.ts';

const after = (values: number[], options: SelectionOptions) =>
  values.reduce((state, value, i) => select(state, { m: value }, i + 1, options), initialSelection);

describe('select', () => {
  it('keeps the largest value, or the smallest', () => {
    expect(after([0.2, 0.5, 0.3], { metric: 'm' })).toEqual({ best: 0.5, bestStep: 2, waited: 1 });
    expect(after([0.2, 0.5, 0.1], { metric: 'm', mode: 'min' })).toEqual({ best: 0.1, bestStep: 3, waited: 0 });
  });

  it('keeps the earlier of two equal values, and never NaN or an infinity', () => {
    expect(after([0.5, 0.5], { metric: 'm' }).bestStep).toBe(1);
    expect(after([Number.NaN], { metric: 'm' })).toEqual({ best: null, bestStep: 0, waited: 1 });
    expect(after([Number.POSITIVE_INFINITY], { metric: 'm' }).best).toBeNull();
    expect(after([Number.NaN, 0.1], { metric: 'm' }).best).toBe(0.1);
  });

  it('refuses a metric that is not there and lists those that are', () => {
    expect(() => select(initialSelection, { mAP: 1, F1: 2 }, 1, { metric: 'map' })).toThrow(
      /one of mAP, F1, got "map"/,
    );
    expect(() => select(initialSelection, { mAP: 1 }, 1, { metric: 'toString' })).toThrow(/one of mAP, got/);
  });
});

describe('shouldStop', () => {
  it('stops after as many evaluations without a better value as the patience says', () => {
    const options = { metric: 'm', patience: 2 };
    expect(shouldStop(after([0.5, 0.4], options), options)).toBe(false);
    expect(shouldStop(after([0.5, 0.4, 0.5], options), options)).toBe(true);
    expect(shouldStop(after([0.5, 0.4, 0.6], options), options)).toBe(false);
  });

  it('never stops without a patience', () => {
    expect(shouldStop(after([0.5, 0, 0, 0, 0], { metric: 'm' }), { metric: 'm' })).toBe(false);
  });
});
