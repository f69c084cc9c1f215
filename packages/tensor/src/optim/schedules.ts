import { checkChoice, checkNumber, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';

/** The rates for one step. A rate that is left out keeps the optimiser's value. */
export interface Rates {
  /** Multiplies each group's own learning rate. */
  readonly learningRateFactor: number;
  /** Replaces every group's learning rate and the factor, if a schedule gives all groups the same rate. */
  readonly learningRate?: number;
  /** Adam's β₁ or SGD's momentum, if a schedule changes it. */
  readonly momentum?: number;
}

/**
 * Rates as a pure function of the step, counted from 0. It has no state to save; to resume, the step number is enough.
 *
 * The step may be a fraction: call a schedule whose lengths are in epochs with `epoch + iteration /
 * iterationsPerEpoch`. Negative steps are not allowed.
 */
export type Schedule = (step: number) => Rates;

/** Keeps the optimiser's own rates. */
export function constantRate(): Schedule {
  return () => ({ learningRateFactor: 1 });
}

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** Steps between two decays, > 0. */
  readonly every: number;
  /** Factor of each decay, ≥ 0; default 0.1. */
  readonly gamma?: number;
}

/** Step decay, `gamma^⌊step / every⌋`: PyTorch's `StepLR`. @throws OptionError */
export function stepDecay(options: StepDecayOptions): Schedule {
  checkOptionNames('stepDecay', options, ['every', 'gamma']);
  const { every, gamma = 0.1 } = options;
  checkNumber('stepDecay', 'options.every', every, { above: 0 });
  checkNumber('stepDecay', 'options.gamma', gamma, { min: 0 });
  return (step) => ({ learningRateFactor: gamma ** Math.floor(step / every) });
}

/** Options of {@link multiStepDecay}. */
export interface MultiStepDecayOptions {
  /** Steps at which the rate decays, in any order; each ≥ 0. */
  readonly milestones: readonly number[];
  /** Factor of each decay, ≥ 0; default 0.1. */
  readonly gamma?: number;
}

/** Decay at given steps, `gamma^(number of milestones ≤ step)`: PyTorch's `MultiStepLR`. @throws OptionError */
export function multiStepDecay(options: MultiStepDecayOptions): Schedule {
  checkOptionNames('multiStepDecay', options, ['milestones', 'gamma']);
  const { milestones, gamma = 0.1 } = options;
  checkList('multiStepDecay', 'options.milestones', milestones);
  for (const [i, milestone] of milestones.entries()) {
    checkNumber('multiStepDecay', `options.milestones[${i}]`, milestone, { min: 0 });
  }
  checkNumber('multiStepDecay', 'options.gamma', gamma, { min: 0 });
  return (step) => ({ learningRateFactor: gamma ** milestones.filter((milestone) => milestone <= step).length });
}

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The step at which the factor reaches `minimum`; > `start`. */
  readonly end: number;
  /** The last step at which the factor is 1, e.g. the length of a warm-up; ≥ 0, default 0. */
  readonly start?: number;
  /** The final factor, a fraction of the group's learning rate; ≥ 0, default 0. */
  readonly minimum?: number;
}

/**
 * Cosine decay from 1 at `start` to `minimum` at `end`, where it stays:
 * `minimum + (1 − minimum) · ½ (1 + cos π t)` with `t = (step − start) / (end − start)`.
 *
 * @throws OptionError
 * Source: SGDR (Loshchilov and Hutter 2017, equation 5) without restarts. PyTorch's `CosineAnnealingLR` rises again
 * after its end.
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  checkOptionNames('cosineDecay', options, ['end', 'start', 'minimum']);
  const { end, start = 0, minimum = 0 } = options;
  checkNumber('cosineDecay', 'options.start', start, { min: 0 });
  checkNumber('cosineDecay', 'options.end', end, { above: start });
  checkNumber('cosineDecay', 'options.minimum', minimum, { min: 0 });
  return (step) => ({ learningRateFactor: annealCosine(1, minimum, clampUnit((step - start) / (end - start))) });
}

/** Options of {@link linearWarmup}. */
export interface LinearWarmupOptions {
  /** Length of the warm-up in steps, ≥ 0; 0 means no warm-up. */
  readonly steps: number;
  /** Fraction of the wrapped schedule's factor at step 0, ≥ 0. Default 0: the first step then changes nothing. */
  readonly from?: number;
}

/**
 * Multiplies a schedule by a ramp that rises from `from` at step 0 to 1 at step `steps`.
 *
 * The wrapped schedule also starts at step 0. If it should begin after the warm-up, give it a start:
 *
 * ```ts
 * linearWarmup(cosineDecay({ start: 500, end: 10_000 }), { steps: 500 });
 * ```
 *
 * @throws OptionError
 */
export function linearWarmup(schedule: Schedule, options: LinearWarmupOptions): Schedule {
  checkOptionNames('linearWarmup', options, ['steps', 'from']);
  const { steps, from = 0 } = options;
  checkNumber('linearWarmup', 'options.steps', steps, { min: 0 });
  checkNumber('linearWarmup', 'options.from', from, { min: 0 });
  return (step) => {
    const rates = schedule(step);
    if (step >= steps) return rates;
    return { ...rates, learningRateFactor: rates.learningRateFactor * annealLinear(from, 1, step / steps) };
  };
}

/** Options of {@link constantWarmup}. */
export interface ConstantWarmupOptions {
  /** Length of the warm-up in steps, ≥ 0; 0 means no warm-up. */
  readonly steps: number;
  /** The learning rate of all groups during the warm-up, ≥ 0. */
  readonly learningRate: number;
}

/**
 * Uses one learning rate for all groups at the start, then the wrapped schedule, which also counts from step 0.
 *
 * @throws OptionError
 *
 * Source: `ConstantWarmupScheduler` of Dassl, which CoOp and its successors train with.
 */
export function constantWarmup(schedule: Schedule, options: ConstantWarmupOptions): Schedule {
  checkOptionNames('constantWarmup', options, ['steps', 'learningRate']);
  const { steps, learningRate } = options;
  checkNumber('constantWarmup', 'options.steps', steps, { min: 0 });
  checkNumber('constantWarmup', 'options.learningRate', learningRate, { min: 0 });
  return (step) => (step < steps ? { ...schedule(step), learningRate } : schedule(step));
}

/**
 * Holds the rates of an epoch's first step for the whole epoch, like a PyTorch scheduler that is stepped once an epoch.
 *
 * @param stepsPerEpoch > 0, may be a fraction
 * @throws OptionError
 */
export function byEpoch(schedule: Schedule, stepsPerEpoch: number): Schedule {
  checkNumber('byEpoch', 'stepsPerEpoch', stepsPerEpoch, { above: 0 });
  // The first step of an epoch belongs to it, even if the division rounds slightly down.
  return (step) => schedule(Math.floor(step / stepsPerEpoch + 1e-9) * stepsPerEpoch);
}

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** Steps of the whole cycle, from 1. */
  readonly totalSteps: number;
  /** Fraction of the steps in which the learning rate rises, in [0, 1); default 0.3. */
  readonly riseFraction?: number;
  /** The factor starts at `1 / divisor`; > 0, default 25. */
  readonly divisor?: number;
  /** The factor ends at `1 / (divisor · finalDivisor)`; > 0, default 10⁴. */
  readonly finalDivisor?: number;
  /**
   * Momentum (Adam's β₁) at both ends and at the peak of the learning rate, in [0, 1); default [0.95, 0.85]. `null`
   * does not change it.
   */
  readonly momentum?: readonly [atEnds: number, atPeak: number] | null;
  /** Shape of the curve between the turning points; default cosine. */
  readonly anneal?: 'cosine' | 'linear';
}

/**
 * One cycle: the learning rate rises to the group's own rate and falls to nearly 0; the momentum changes the other way.
 *
 * Equal to PyTorch's `OneCycleLR` with two phases, step for step. The rise ends at step `riseFraction · totalSteps − 1`
 * and the fall at `totalSteps − 1`; both may be fractions. The group's learning rate is PyTorch's `max_lr`. After the
 * last step the rates stay constant (PyTorch throws).
 *
 * @throws OptionError
 *
 * Source: Smith and Topin 2018, "Super-convergence".
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const known = ['totalSteps', 'riseFraction', 'divisor', 'finalDivisor', 'momentum', 'anneal'];
  checkOptionNames('oneCycle', options, known);
  const { totalSteps, riseFraction = 0.3, divisor = 25, finalDivisor = 1e4, momentum = [0.95, 0.85] } = options;
  checkNumber('oneCycle', 'options.totalSteps', totalSteps, { min: 1 });
  checkNumber('oneCycle', 'options.riseFraction', riseFraction, { min: 0, below: 1 });
  checkNumber('oneCycle', 'options.divisor', divisor, { above: 0 });
  checkNumber('oneCycle', 'options.finalDivisor', finalDivisor, { above: 0 });
  if (momentum !== null) checkList('oneCycle', 'options.momentum', momentum, 2);
  for (const [i, value] of (momentum ?? []).entries()) {
    checkNumber('oneCycle', `options.momentum[${i}]`, value, { min: 0, below: 1 });
  }
  const { anneal: name = 'cosine' } = options;
  checkChoice('oneCycle', 'options.anneal', name, ['cosine', 'linear']);
  const anneal = name === 'cosine' ? annealCosine : annealLinear;
  const low = 1 / divisor;
  const peak = riseFraction * totalSteps - 1;
  const end = totalSteps - 1;
  return (step) => {
    const rising = step < peak;
    const part = rising ? step / peak : clampUnit((step - peak) / (end - peak));
    const learningRateFactor = rising ? anneal(low, 1, part) : anneal(1, low / finalDivisor, part);
    if (momentum === null) return { learningRateFactor };
    const [atEnds, atPeak] = momentum;
    return { learningRateFactor, momentum: rising ? anneal(atEnds, atPeak, part) : anneal(atPeak, atEnds, part) };
  };
}

function checkList(where: string, argument: string, value: unknown, length?: number): void {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return;
  const expected = length === undefined ? 'a list of numbers' : `a list of ${length} numbers`;
  throw new OptionError({ where, argument, expected, received: Array.isArray(value) ? `${value.length}` : `${value}` });
}

function annealCosine(from: number, to: number, part: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part));
}

function annealLinear(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

function clampUnit(x: number): number {
  return Math.min(1, Math.max(0, x));
}
