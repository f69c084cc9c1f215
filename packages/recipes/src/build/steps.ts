import type { Method } from '@ltml/tensor/contract';
import { isObject } from '../recipe/merge.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';
import type { Draws } from './draws.ts';

/** How long a recipe trains. */
export interface Lengths {
  /** The recipe with its final numbers of epochs. */
  readonly recipe: Recipe;
  /** Optimiser steps of each stage. A stage may end within its last epoch. */
  readonly stageSteps: readonly number[];
}

/**
 * The lengths of a recipe's stages. They follow its epochs; with `steps` the total is exactly that number, divided over
 * the stages in the same proportion.
 *
 * @param draws one for each stage
 * @throws EntryError if there are fewer steps than stages
 */
export function lengthsOf(recipe: Recipe, method: Pick<Method, 'stages'>, draws: readonly Draws[]): Lengths {
  const { steps } = recipe;
  const perEpoch = draws.map(({ stepsPerEpoch }) => stepsPerEpoch);
  const options = recipe.method.options;
  const ofEpochs = epochsOf(method, options).map((epochs, i) => epochs * perEpoch[i]);
  if (steps === null || ofEpochs.every((own) => own === 0)) return { recipe, stageSteps: ofEpochs };
  const stageSteps = shareSteps(steps, ofEpochs);
  const scaled = withSteps(method, options, stageSteps, perEpoch);
  return { recipe: { ...recipe, method: { ...recipe.method, options: scaled } }, stageSteps };
}

/**
 * Divides a number of steps over stages in proportion to their lengths in epochs. The parts add up exactly.
 *
 * @param ofEpochs steps that each stage would have by its epochs
 * @throws EntryError if a stage that trains would get no step
 */
export function shareSteps(steps: number, ofEpochs: readonly number[]): readonly number[] {
  const total = ofEpochs.reduce((sum, own) => sum + own, 0);
  let left = ofEpochs.filter((own) => own > 0).length;
  if (steps < left) throw new EntryError(`should be at least ${left}, one for each stage`, 'steps');
  let [before, end] = [0, 0];
  return ofEpochs.map((own) => {
    if (own === 0) return 0;
    before += own;
    left--;
    const start = end;
    // Round the ends of stages, not their lengths, so that no step gets lost. Each stage has at least one step.
    end = Math.max(start + 1, Math.min(Math.round((steps * before) / total), steps - left));
    return end - start;
  });
}

/**
 * Scales the options of a method to a number of steps per stage. Each stage gets as many epochs as its steps need.
 * Other options that count epochs (milestones, warm-up, start of a component) are scaled by the same ratio.
 *
 * @param stageSteps steps of each stage
 * @param stepsPerEpoch steps per epoch of each stage
 */
export function withSteps(
  method: Pick<Method, 'stages'>,
  options: object,
  stageSteps: readonly number[],
  stepsPerEpoch: readonly number[],
): object {
  const lengths = epochsOf(method, options);
  return method.stages.reduce((scaled: object, { length, counted = [] }, i) => {
    const epochs = Math.ceil(stageSteps[i] / stepsPerEpoch[i]);
    const ratio = epochs / lengths[i];
    return counted.reduce(
      (result: object, path) =>
        write(result, path.split('.'), scale(read(options, path), ratio, path.endsWith('warmup.epochs'))),
      write(scaled, length.split('.'), epochs),
    );
  }, options);
}

function epochsOf({ stages }: Pick<Method, 'stages'>, options: object): readonly number[] {
  return stages.map(({ length }) => read(options, length) as number);
}

/**
 * Scales a count of epochs. It stays a whole number and at least 1, unless it was 0. Warm-up and milestones may be
 * fractions.
 */
function scale(value: unknown, ratio: number, isWarmup: boolean): unknown {
  if (Array.isArray(value)) return value.map((entry) => (entry as number) * ratio);
  if (typeof value !== 'number' || !Number.isFinite(ratio)) return value;
  return Number.isInteger(value) && !isWarmup ? Math.max(Math.min(value, 1), Math.round(value * ratio)) : value * ratio;
}

function read(value: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (isObject(at) ? at[key] : undefined), value);
}

/** A copy with one entry replaced, if the entry exists. */
function write(value: object, [key, ...rest]: readonly string[], entry: unknown): object {
  const old = (value as Readonly<Record<string, unknown>>)[key];
  if (old === undefined || old === null) return value;
  return { ...value, [key]: rest.length === 0 ? entry : write(old as object, rest, entry) };
}
