import type { Method } from '@ltml/tensor/contract';
import { isObject } from '../recipe/merge.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';
import type { Draws } from './draws.ts';

/** How long a recipe trains. */
export interface Lengths {
  /** The recipe with the epochs that it trains for. */
  readonly recipe: Recipe;
  /** Optimiser steps of each stage of the method, which may end within its last epoch. */
  readonly stageSteps: readonly number[];
}

/**
 * The lengths of the stages of a recipe: its epochs, or with `steps` exactly so many steps, of which each stage has its part.
 *
 * @param draws of each stage
 * @throws EntryError for fewer steps than stages
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
 * Parts of a number of steps, each about as large as its stage has steps in its epochs, and together exactly that number.
 *
 * @throws EntryError if a stage that trains would have none
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
    // Rounded where the stage ends, so that no step is lost between stages; each has one at least.
    end = Math.max(start + 1, Math.min(Math.round((steps * before) / total), steps - left));
    return end - start;
  });
}

/**
 * Options of a method whose stages make so many steps: lengths are the epochs that hold them, and what else is counted in
 * epochs (milestones, warm-up, when a part sets in) moves with them.
 *
 * @param stageSteps of each stage
 * @param stepsPerEpoch of each stage
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

/** Counts of epochs stay whole, and from 1 unless they were 0; warm-up and milestones may end within an epoch. */
function scale(value: unknown, ratio: number, isWarmup: boolean): unknown {
  if (Array.isArray(value)) return value.map((entry) => (entry as number) * ratio);
  if (typeof value !== 'number' || !Number.isFinite(ratio)) return value;
  return Number.isInteger(value) && !isWarmup ? Math.max(Math.min(value, 1), Math.round(value * ratio)) : value * ratio;
}

function read(value: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (isObject(at) ? at[key] : undefined), value);
}

/** A copy with one entry replaced, if it is there. */
function write(value: object, [key, ...rest]: readonly string[], entry: unknown): object {
  const old = (value as Readonly<Record<string, unknown>>)[key];
  if (old === undefined || old === null) return value;
  return { ...value, [key]: rest.length === 0 ? entry : write(old as object, rest, entry) };
}
