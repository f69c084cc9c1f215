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
 * Hours that training by each recipe takes on this machine, by the published number of images and a measured step of two
 * images; evaluation and the reading of pictures from a disk are left out. Recipes that compute alike are measured once.
 *
 * Weights are random, so that none need to be there.
 *
 * @returns without those of which it is not known how many images there are
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

/** Images of a measured step. */
const imagesAtOnce = 2;

interface StageCost {
  /** Path of its epochs in the options of the method. */
  readonly length: string;
  readonly secondsPerImage: number;
}

/** What of a recipe does not change what a step costs. */
const costless: ReadonlySet<string> = new Set(['preset', 'epochs', 'schedule', 'learningRate', 'weightDecay']);

/** What the cost of a step depends on. */
function kindOf({ encoder, pictures, method, features }: Recipe): string {
  return JSON.stringify({ encoder, pictures, method, features }, (key, value: unknown) =>
    costless.has(key) ? undefined : value,
  );
}

/** Training draws of an epoch; undefined if it is not known. */
function imagesPerEpoch({ data, sampler }: Recipe): number | undefined {
  const { name, root: _, validation: __, knownLabels: ___, ...options } = data;
  const set = (publishedSets as Readonly<Record<string, PublishedSet>>)[name];
  const { classes, splits }: ExpectedSet = set.expected(options as never);
  const { images, classCounts, largestClass } = splits[set.splits.train] ?? {};
  const largest = largestClass ?? (classCounts && Math.max(...Object.values(classCounts)));
  // As the released code of class-aware sampling has it, unless the recipe says otherwise.
  const { reduce = 4 } = sampler as { readonly reduce?: number };
  if (sampler.name === 'class-aware') return largest && Math.floor((largest * first(classes)) / reduce);
  return images && first(images);
}

function first(count: number | readonly [number, number]): number {
  return typeof count === 'number' ? count : count[0];
}

/** Trains a few steps on embedded scenes, at the size of the recipe. */
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
      // The first step of a stage is recorded besides, where there is another.
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
