import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExpectedSet, type PublishedSet, publishedSets } from '@ltml/data';
import { build, type PublishedRow, type Recipe, resolve, run, timingRecipe } from '@ltml/recipes/node';
import type { Observer } from '@ltml/train';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import type { ProgressLine } from '../../progress-line.ts';

/**
 * Estimates the hours that training by each recipe takes on this machine: the published number of images, times the
 * measured time per image of a step with two images. Evaluation, and reading pictures from disk, are not included.
 * Recipes with equal cost are measured once.
 *
 * Weights are random, so no files are needed.
 *
 * @returns hours by row; without rows whose number of images is not known, or whose measurement failed
 */
export async function estimateHours(
  recipes: ReadonlyMap<PublishedRow, Recipe>,
  backend: BackendArgument | undefined,
  line: ProgressLine,
): Promise<ReadonlyMap<PublishedRow, number>> {
  line.print(`measuring on ${await startEngine(backend)}`);
  const kinds = new Map<string, readonly StageCost[] | undefined>();
  const hours = new Map<PublishedRow, number>();
  let done = 0;
  for (const [row, recipe] of recipes) {
    const kind = kindOf(recipe);
    line.show(done++ / recipes.size, row.name);
    if (!kinds.has(kind)) kinds.set(kind, await measure(recipe).catch(() => undefined));
    const images = imagesPerEpoch(recipe);
    const seconds =
      images === undefined
        ? undefined
        : kinds
            .get(kind)
            ?.reduce((sum, { length, secondsPerImage }) => sum + at(recipe, length) * secondsPerImage * images, 0);
    if (seconds !== undefined) hours.set(row, seconds / 3600);
  }
  line.clear();
  return hours;
}

/** Batch size of a measured step. */
const imagesAtOnce = 2;

/** Cost of a stage. */
interface StageCost {
  /** Path of the stage's number of epochs in the options of the method. */
  readonly length: string;
  readonly secondsPerImage: number;
}

/** Entries of a recipe that do not change the cost of a step. */
const costless: ReadonlySet<string> = new Set(['preset', 'epochs', 'schedule', 'learningRate', 'weightDecay']);

/** The entries that the cost of a step depends on, as a key. */
function kindOf({ encoder, pictures, method, features }: Recipe): string {
  return JSON.stringify({ encoder, pictures, method, features }, (key, value: unknown) =>
    costless.has(key) ? undefined : value,
  );
}

/** Training images per epoch; undefined if not known. */
function imagesPerEpoch({ data, sampler }: Recipe): number | undefined {
  const { name, root: _, validation: __, knownLabels: ___, ...options } = data;
  const set = (publishedSets as Readonly<Record<string, PublishedSet>>)[name];
  const { classes, splits }: ExpectedSet = set.expected(options as never);
  const { images, classCounts, largestClass } = splits[set.splits.train] ?? {};
  const largest = largestClass ?? (classCounts && Math.max(...Object.values(classCounts)));
  // 4 is the value of the released code of class-aware sampling.
  const { reduce = 4 } = sampler as { readonly reduce?: number };
  if (sampler.name === 'class-aware') return largest && Math.floor((largest * first(classes)) / reduce);
  return images && first(images);
}

function first(count: number | readonly [number, number]): number {
  return typeof count === 'number' ? count : count[0];
}

/** Trains a few steps on embedded scenes, with the image size of the recipe. */
async function measure(recipe: Recipe): Promise<readonly StageCost[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ltml-hours-'));
  const built = await build(await resolve(await timingRecipe(recipe, { folder, batchSize: imagesAtOnce })));
  try {
    const seconds = new Map<string, number[]>();
    let last = performance.now();
    const observer: Observer = {
      onStep({ stage }) {
        const now = performance.now();
        seconds.set(stage, [...(seconds.get(stage) ?? []), (now - last) / 1000]);
        last = now;
      },
    };
    await run(built, { folder, observers: [observer], onWarning: () => {} });
    const lengths = new Map(built.method.stages.map(({ name, length }) => [name, length]));
    return [...seconds].map(([name, steps]) => ({
      length: lengths.get(name) as string,
      // The first step of a stage is slower: it is also recorded. Leave it out if there is another one.
      secondsPerImage: Math.min(...(steps.length > 1 ? steps.slice(1) : steps)) / imagesAtOnce,
    }));
  } finally {
    built.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

function at({ method }: Recipe, path: string): number {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], method.options) as number;
}
