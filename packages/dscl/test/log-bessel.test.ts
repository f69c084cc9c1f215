import { OptionError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, it } from 'vitest';
import { logBesselI } from '../src/index.ts';
import { byExpansion, byRecurrence } from '../src/log-bessel.ts';

it('has the values of tables', () => {
  // Abramowitz and Stegun, table 9.8.
  expectClose(logBesselI(0, [1]).logScaled, [Math.log(1.2660658777520084) - 1], { relative: 1e-12 });
  expectClose(logBesselI(1, [1, 2]).logScaled, [Math.log(0.5651591039924851) - 1, Math.log(1.5906368546373291) - 2], {
    relative: 1e-12,
  });
  expectClose(logBesselI(0, [1]).ratio, [0.5651591039924851 / 1.2660658777520084], { relative: 1e-14 });
});

it.each([31, 63, 511])('comes to the same by recurrence and by expansion, order %i', (order) => {
  for (const k of [0, 1e-3, 1, 50, 1e3, 1e5]) {
    const [recurrence, expansion] = [byRecurrence(order, k), byExpansion(order, k)];
    expect(Math.abs(recurrence.norm - expansion.norm)).toBeLessThan(1e-9 * Math.max(1, Math.abs(recurrence.norm)));
    expect(Math.abs(recurrence.ratio - expansion.ratio)).toBeLessThan(1e-8);
  }
});

it('has the norm of no concentration, and its derivative', () => {
  const order = 7;
  const factorial = [1, 2, 3, 4, 5, 6, 7].reduce((product, i) => product * i, 1);
  const { logNorm, ratio, logScaled } = logBesselI(order, [0]);
  expectClose(logNorm, [-order * Math.LN2 - Math.log(factorial)], { relative: 1e-12 });
  expect([ratio[0], logScaled[0]]).toEqual([0, -Infinity]);
  for (const k of [0.5, 20, 3000]) {
    const [low, high] = logBesselI(order, [k * (1 - 1e-5), k * (1 + 1e-5)]).logNorm;
    expectClose([(high - low) / (2e-5 * k)], logBesselI(order, [k]).ratio, { relative: 1e-5 });
  }
});

it('refuses orders and arguments that it has not', () => {
  expect(() => logBesselI(0.5, [1])).toThrow(OptionError);
  expect(() => logBesselI(1, [-1])).toThrow(OptionError);
  expect(() => logBesselI(1, [Number.NaN])).toThrow(OptionError);
});
