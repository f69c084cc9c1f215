import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExpectedSet, type PublishedSet, publishedSets } from '@ltml/data';
import { build, type PlannedStage, type PublishedRow, type Recipe, resolve, run } from '@ltml/recipes/node';
import type { Observer } from '@ltml/train';
import { configHash } from '@ltml/train/node';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import type { ProgressLine } from '../../progress-line.ts';

/**
 * Hours that training by each recipe takes on this machine, by the published number of images and a measured step of two
 * images; evaluation and the reading of pictures from a disk are left out. Recipes that compute alike are measured once.
 *
 * @returns without those that cannot be measured: a CLIP is not there, or it is not known how many images there are
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
    const kind = configHash(kindOf(recipe));
    line.show(done++ / recipes.size, row.name);
    if (!kinds.has(kind)) kinds.set(kind, await measure(recipe).catch(() => undefined));
    const images = imagesPerEpoch(recipe);
    const seconds =
      images === undefined
        ? undefined
        : kinds.get(kind)?.reduce((sum, stage) => sum + stage.epochs * stage.secondsPerImage * images, 0);
    if (seconds !== undefined) hours.set(row, seconds / 3600);
  }
  line.clear();
  return hours;
}

interface StageCost extends Pick<PlannedStage, 'name' | 'epochs'> {
  readonly secondsPerImage: number;
}

/** What the cost of a step depends on. */
function kindOf({ encoder, pictures, method, features }: Recipe): object {
  return { encoder, pictures, method, features };
}

/** Training draws of an epoch; undefined if it is not known. */
function imagesPerEpoch({ data, sampler }: Recipe): number | undefined {
  const { name, root: _, validation: __, knownLabels: ___, ...options } = data;
  const set = (publishedSets as Readonly<Record<string, PublishedSet>>)[name];
  const { classes, splits }: ExpectedSet = set.expected(options as never);
  const { images, classCounts, largestClass } = splits[set.splits.train] ?? {};
  const largest = largestClass ?? (classCounts && Math.max(...Object.values(classCounts)));
  // As the released code of class-aware sampling has it.
  if (sampler.name === 'class-aware') return largest && Math.floor((largest * first(classes)) / 4);
  return images && first(images);
}

function first(count: number | readonly [number, number]): number {
  return typeof count === 'number' ? count : count[0];
}

/** Trains a few steps on scenes of digits-lt, at the size of the recipe and with random weights. */
async function measure(recipe: Recipe): Promise<readonly StageCost[]> {
  const { method } = recipe;
  const isSingle = method.name === 'dscl';
  const small = await resolve({
    ...recipe,
    data: { name: isSingle ? 'digits-lt-single' : 'digits-lt', share: 0.01, validation: null },
    encoder: { ...recipe.encoder, weights: 'none' },
    method: {
      ...method,
      ...(method.classEmbeddings && { classEmbeddings: { name: 'random', width: widthOf(method.classEmbeddings) } }),
    },
    batchSize: 2,
    steps: 2,
    evaluation: { every: 1000 },
  });
  const folder = await mkdtemp(join(tmpdir(), 'ltml-hours-'));
  const built = await build(small);
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
    const lengths = new Map(built.method.stages.map(({ name, length }) => [name, at(method.options, length)]));
    return [...seconds].map(([name, steps]) => ({
      name,
      epochs: lengths.get(name) ?? 0,
      // The first step of a stage is recorded besides.
      secondsPerImage: Math.min(...steps.slice(1)) / 2,
    }));
  } finally {
    built.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of CLIP RN50's texts, and of word vectors. */
function widthOf({ name, encoder }: { readonly name: string; readonly encoder?: unknown }): number {
  if (name !== 'clip') return 300;
  return encoder === 'clip_rn50' ? 1024 : 512;
}

function at(options: object, path: string): number {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], options) as number;
}
