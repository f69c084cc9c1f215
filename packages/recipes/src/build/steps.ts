import type { Method } from '@ltml/tensor/contract';
import { isObject } from '../recipe/merge.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Draws } from './draws.ts';

/** The recipe as it trains: with `steps`, its epochs are those that make so many. */
export function scaledToSteps(recipe: Recipe, { stages }: Pick<Method, 'stages'>, draws: readonly Draws[]): Recipe {
  const { method, steps } = recipe;
  if (steps === null) return recipe;
  const perEpoch = draws.map(({ stepsPerEpoch }) => stepsPerEpoch);
  return {
    ...recipe,
    method: { ...method, options: withSteps({ stages }, method.options, steps, perEpoch) },
  };
}

/** The draws of the stages that are trained: a method leaves out a stage of no epochs. */
export function trainedDraws(
  { method }: Pick<Recipe, 'method'>,
  { stages }: Pick<Method, 'stages'>,
  draws: readonly Draws[],
): readonly Draws[] {
  return stages.flatMap(({ length }, i) => ((read(method.options, length) as number) > 0 ? [draws[i]] : []));
}

/**
 * Options of a method whose stages make about so many steps together: lengths are rounded up to whole epochs, and what
 * else is counted in epochs (milestones, warm-up, when a part sets in) moves with them.
 *
 * @param stepsPerEpoch of each stage
 */
export function withSteps(
  { stages }: Pick<Method, 'stages'>,
  options: object,
  steps: number,
  stepsPerEpoch: readonly number[],
): object {
  const lengths = stages.map(({ length }) => read(options, length) as number);
  if (lengths.every((epochs) => epochs === 0)) return options;
  const factor = steps / lengths.reduce((sum, epochs, i) => sum + epochs * stepsPerEpoch[i], 0);
  return stages.reduce((scaled: object, { length, counted = [] }, i) => {
    const epochs = Math.ceil(Number((factor * lengths[i]).toPrecision(12)));
    const ratio = epochs / lengths[i];
    return counted.reduce(
      (result: object, path) =>
        write(result, path.split('.'), scale(read(options, path), ratio, path.endsWith('warmup.epochs'))),
      write(scaled, length.split('.'), epochs),
    );
  }, options);
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
