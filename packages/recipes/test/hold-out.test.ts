import { denseLabels, digitsLt } from '@ltml/data';
import { classStatistics, sparseOf } from '@ltml/tensor/labels';
import { beforeAll, describe, expect, it } from 'vitest';
import { holdOut } from '../src/build/hold-out.ts';
import type { ImageSet } from '../src/build/image-set.ts';
import { build } from '../src/node/build.ts';
import { parseRecipe } from '../src/recipe/parse.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { resolveText } from './resolve-text.ts';

const buildText = async (text: string) =>
  build(await resolveText(`loss: { name: focal }\nfeatures: { views: 0 }\n${text}`));
const countsOf = ({ labels }: Pick<ImageSet, 'labels'>) => classStatistics(labels).classCounts;
let train: ImageSet;
let test: ImageSet;

beforeAll(async () => {
  const digits = await digitsLt();
  [train, test] = [digits.train, digits.test].map((set) => ({ ...set, labels: sparseOf(set.labels) }));
}, 120_000);

describe('holdOut', () => {
  it('parts the images, each class by its share, and leaves the rarest whole', async () => {
    const parts = holdOut(train, { share: 0.15, seed: 0 });
    expect(parts.train.labels.rows + parts.validation.labels.rows).toBe(train.labels.rows);
    const [whole, kept, held] = [train, parts.train, parts.validation].map(countsOf);
    for (const [c, count] of whole.entries()) {
      expect(kept[c] + held[c]).toBe(count);
      expect(kept[c]).toBeGreaterThan(0);
      if (count < 5) expect(held[c]).toBe(0);
      else expect(Math.abs(held[c] - 0.15 * count)).toBeLessThan(0.04 * count + 1.5);
    }
    const pictures = async ({ images }: ImageSet) =>
      Promise.all(Array.from({ length: images.length }, async (_, i) => (await images.read(i)).pixels.join()));
    const all = new Set(await pictures(train));
    const [first, second] = [await pictures(parts.train), await pictures(parts.validation)];
    expect(second.every((picture) => all.has(picture))).toBe(true);
    expect(new Set([...first, ...second]).size).toBe(all.size);
  });

  it('is the same for a seed, and another one for another', () => {
    const held = (seed: number) => denseLabels(holdOut(train, { share: 0.15, seed }).validation.labels).present.join();
    expect(held(1)).toBe(held(1));
    expect(held(1)).not.toBe(held(2));
  });

  it('keeps each image of a class of 1 to 4 images in training', () => {
    const columns = 5;
    const counts = [1, 2, 3, 4, 60];
    const present = Uint8Array.from(
      counts
        .flatMap((n, c) => Array.from({ length: n }, () => c))
        .flatMap((c) => counts.map((_, i) => (i === c || i === 4 ? 1 : 0))),
    );
    const labels = sparseOf({ rows: 70, columns, present });
    const images = { length: 70, key: String, read: async () => ({ height: 1, width: 1, pixels: new Uint8Array(3) }) };
    for (let seed = 0; seed < 10; seed++) {
      const parts = holdOut({ name: 'x', classes: ['a', 'b', 'c', 'd', 'e'], labels, images }, { share: 0.5, seed });
      expect(countsOf(parts.train).slice(0, 4)).toEqual([1, 2, 3, 4]);
      expect(parts.validation.labels.rows).toBe(30);
    }
  });
});

describe('a built recipe', () => {
  it('trains on what is not held out, counts it alone, and never compares epochs by test images', async () => {
    const built = await buildText('evaluation: { select: {} }');
    const parts = holdOut(train, { share: 0.15, seed: 0 });
    expect(built.task.statistics).toEqual(classStatistics(parts.train.labels, { classNames: train.classes }));
    expect(denseLabels(built.inputs.validation!.labels)).toEqual(denseLabels(parts.validation.labels));
    expect(denseLabels(built.inputs.test.labels)).toEqual(denseLabels(test.labels));
    expect(built.splits.classCounts).toEqual(countsOf(train));
    built.dispose();
  });

  it('trains on all and compares by test images only where that is said', async () => {
    const built = await buildText('evaluation: { select: {}, selection: published }');
    expect(built.inputs.validation).toBe(built.inputs.test);
    expect(built.task.statistics.trainCount).toBe(train.labels.rows);
    built.dispose();
    const without = await buildText('data: { validation: null }');
    expect(without.inputs.validation).toBeNull();
    expect(without.task.statistics.trainCount).toBe(train.labels.rows);
    without.dispose();
  });

  it('is refused with place and remedy before anything is computed', async () => {
    const refusal = async (text: string) => {
      const { value, locate } = parseRecipe(text, 'run.yaml');
      return build(await resolve(value, locate), { locate }).then(
        () => 'built',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    };
    expect(await refusal('loss: { name: focal }\nfeatures: { views: 2, memory: 0.0001 }')).toMatch(
      /^UsageError: run\.yaml:2: features: the features would take 0\.0 GB .*raise memory/,
    );
    const known = 'data:\n  knownLabels: { proportion: 0.02 }\n';
    expect(await refusal(`${known}loss: { name: ldam }`)).toMatch(
      /^UsageError: run\.yaml:3: loss: .*(red|blue) \w+.*clampCounts/,
    );
    expect(await refusal(`${known}features: { views: 0 }\nloss: { name: ldam, clampCounts: true }`)).toBe('built');
    expect(await refusal('loss: { name: focal }\nbatchSize: 5000\ndropLast: true')).toMatch(
      /^UsageError: run\.yaml:2: batchSize: 5000 with dropLast leaves no batch/,
    );
    expect(await refusal('method:\n  name: cprfl\n  classEmbeddings: { name: word-vectors, path: gone.txt }')).toMatch(
      /^UsageError: run\.yaml:3: method\.classEmbeddings: .*gone\.txt/,
    );
    expect(await refusal('method: { name: dscl }\ndata: { name: digits-lt }')).toMatch(
      /^UsageError: run\.yaml:2: data: dscl needs one class per image, but some show both \w+ \w+ and \w+ \w+; use/,
    );
    expect(await refusal('data: { name: digits-lt }\nloss: { name: lade }')).toMatch(
      /^UsageError: run\.yaml:1: data: lade needs one class per image, but some show both/,
    );
    expect(await refusal('method: { name: sarb }\nencoder: { name: tiny-clip }')).toMatch(
      /^UsageError: run\.yaml:2: encoder: the method takes featureMap/,
    );
  }, 300_000);
});
