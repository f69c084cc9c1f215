import { checkChoice, checkNumber, checkOptionNames } from '../check-options.ts';
import { OptionError } from '../errors.ts';

/** What an optimiser is told before a step; a rate left out stays as the optimiser was built. */
export interface Rates {
  /** Multiplies each group's own learning rate. */
  readonly learningRateFactor: number;
  /** In place of every group's own rate and the factor, where a schedule gives all groups the same. */
  readonly learningRate?: number;
  /** Adam's first-moment decay or SGD's momentum, where a schedule cycles it. */
  readonly momentum?: number;
}

/**
 * Rates as a pure function of the step, counted from 0: nothing to save, resume needs the step alone.
 *
 * The step may be a fraction, so a schedule whose lengths are given in epochs is asked with
 * `epoch + iteration / iterationsPerEpoch`. Negative steps mean nothing.
 */
export type Schedule = (step: number) => Rates;

/** The optimiser's own rates all the way. */
export function constantRate(): Schedule {
  return () => ({ learningRateFactor: 1 });
}

export interface StepDecayOptions {
  /** Steps from one decay to the next. */
  readonly every: number;
  /** What each decay multiplies with; default 0.1. */
  readonly gamma?: number;
}

/** `gamma^⌊step / every⌋`: PyTorch's `StepLR`. */
export function stepDecay(options: StepDecayOptions): Schedule {
  checkOptionNames('stepDecay', options, ['every', 'gamma']);
  const { every, gamma = 0.1 } = options;
  checkNumber('stepDecay', 'options.every', every, { above: 0 });
  checkNumber('stepDecay', 'options.gamma', gamma, { min: 0 });
  return (step) => ({ learningRateFactor: gamma ** Math.floor(step / every) });
}

export interface MultiStepDecayOptions {
  /** Steps from which on a further decay holds, in any order. */
  readonly milestones: readonly number[];
  /** What each decay multiplies with; default 0.1. */
  readonly gamma?: number;
}

/** `gamma^(number of milestones ≤ step)`: PyTorch's `MultiStepLR`. */
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

export interface CosineDecayOptions {
  /** The step at which the factor has come down to `minimum`. */
  readonly end: number;
  /** The last step at which it is still 1, e.g. the length of a warm-up; default 0. */
  readonly start?: number;
  /** Where it ends, as a part of the group's learning rate; default 0. */
  readonly minimum?: number;
}

/**
 * Half a cosine from 1 at `start` to `minimum` at `end`, where it stays:
 * `minimum + (1 − minimum) · ½ (1 + cos π t)` with `t = (step − start) / (end − start)`.
 *
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

export interface LinearWarmupOptions {
  /** Steps until the factor is the wrapped schedule's own; 0 leaves the schedule as it is. */
  readonly steps: number;
  /** The part of the wrapped schedule's factor at step 0; default 0, that is, a first step that changes nothing. */
  readonly from?: number;
}

/**
 * Multiplies a schedule by a ramp from `from` at step 0 to 1 at step `steps`.
 *
 * The wrapped schedule runs from step 0 as it is; to have it begin after the warm-up, give it that start:
 *
 * ```ts
 * linearWarmup(cosineDecay({ start: 500, end: 10_000 }), { steps: 500 });
 * ```
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

export interface ConstantWarmupOptions {
  /** Steps until the wrapped schedule sets in; 0 leaves it as it is. */
  readonly steps: number;
  /** Of every group, whatever its own. */
  readonly learningRate: number;
}

/**
 * One rate for all groups at the start, in place of the wrapped schedule, which runs from step 0 as it is.
 *
 * Source: `ConstantWarmupScheduler` of Dassl, with which CoOp and its kin train.
 */
export function constantWarmup(schedule: Schedule, options: ConstantWarmupOptions): Schedule {
  checkOptionNames('constantWarmup', options, ['steps', 'learningRate']);
  const { steps, learningRate } = options;
  checkNumber('constantWarmup', 'options.steps', steps, { min: 0 });
  checkNumber('constantWarmup', 'options.learningRate', learningRate, { min: 0 });
  return (step) => (step < steps ? { ...schedule(step), learningRate } : schedule(step));
}

/**
 * Holds the rates of the first step of each epoch for the whole of it: PyTorch's schedulers that are stepped once an epoch.
 *
 * @param stepsPerEpoch above 0; may be a fraction
 */
export function byEpoch(schedule: Schedule, stepsPerEpoch: number): Schedule {
  checkNumber('byEpoch', 'stepsPerEpoch', stepsPerEpoch, { above: 0 });
  // A step that begins an epoch belongs to it, though the division may come out a little below.
  return (step) => schedule(Math.floor(step / stepsPerEpoch + 1e-9) * stepsPerEpoch);
}

export interface OneCycleOptions {
  /** Steps of the whole cycle. */
  readonly totalSteps: number;
  /** The part of the steps in which the learning rate rises; default 0.3. */
  readonly riseFraction?: number;
  /** The factor begins at `1 / divisor`; default 25. */
  readonly divisor?: number;
  /** It ends at `1 / (divisor · finalDivisor)`; default 10⁴. */
  readonly finalDivisor?: number;
  /** Momentum (Adam's β₁) at both ends and at the peak of the learning rate; default [0.95, 0.85]; null leaves it. */
  readonly momentum?: readonly [atEnds: number, atPeak: number] | null;
  /** The curve between the turning points; default cosine. */
  readonly anneal?: 'cosine' | 'linear';
}

/**
 * One cycle: the learning rate climbs to the group's own and falls to nearly nothing, the momentum mirrors it.
 *
 * PyTorch's `OneCycleLR` with two phases, step for step: the rise ends at step `riseFraction · totalSteps − 1`, the fall
 * at `totalSteps − 1`, and both ends need not be whole. The group's learning rate is PyTorch's `max_lr`. After the last
 * step the rates stay (PyTorch throws).
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
