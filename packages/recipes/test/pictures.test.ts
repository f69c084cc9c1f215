import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageInputs, itemStreams } from '@ltml/data';
import {
  cutout,
  halfStatistics,
  horizontalFlip,
  imagenetStatistics,
  jitter,
  normalize,
  type Picture,
  type PicturePipelines,
  padAndShift,
  randAugment,
  randomErasing,
  resolvePipeline,
  trivialAugment,
  unitStatistics,
} from '@ltml/images';
import { distributionBalancedPictures } from '@ltml/losses';
import { sarb } from '@ltml/sarb';
import { exportState, RandomStream, RandomStreams } from '@ltml/tensor';
import type { Views } from '@ltml/tensor/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../src/node/build.ts';
import { evaluate, loadModel, run, scoreGroups } from '../src/node/index.ts';
import { picturePipelines } from '../src/node/picture-pipelines.ts';
import { pictures } from '../src/parts/pictures.ts';
import { publishedPipelines } from '../src/parts/published-pictures.ts';
import { statisticsOf } from '../src/parts/statistics-of.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolveText } from './resolve-text.ts';

const resolve = (text: string) => resolveText(`loss: { name: focal }\n${text}`);
const own = { mean: [1, 2, 3], std: [4, 5, 6] } as const;
const preprocessing = { filter: 'bicubic', cropShare: 0.8, statistics: own } as const;
const pipelinesOf = (recipe: Recipe): Promise<PicturePipelines> =>
  pictures.create(recipe.pictures, {
    size: { height: 40, width: 48 },
    statistics: own,
    preprocessing,
    imageSize: null,
    usualSize: { height: 64, width: 64 },
  });

/** One grey picture of 40 × 40, read as the recipe says. */
async function read(changes: string, seed = 1): Promise<Float32Array> {
  const size = { height: 40, width: 40 };
  const pixels = new Uint8Array(40 * 40 * 3).fill(100);
  const images = { length: 1, size, key: String, read: async () => ({ ...size, pixels }) };
  const recipe = await resolve(`pictures: { shift: 0, brightness: 0, contrast: 0, normalization: none, ${changes} }`);
  const { train } = await pipelinesOf(recipe);
  return imageInputs(images, train).read([0], itemStreams(new RandomStreams(seed), 0));
}

describe('pictures of the encoder', () => {
  it('are resized, cut and normalised as its weights were trained, and changed like own ones', async () => {
    const { train, test } = await pipelinesOf(await resolve('pictures: { name: encoder, flip: true }'));
    const cut = [
      { name: 'resize', shorterSide: 80, filter: 'bicubic' },
      { name: 'centerCrop', size: 64 },
    ];
    expect(test).toEqual([...cut, { name: 'normalize', ...own }]);
    expect(train.slice(0, 2)).toEqual(cut);
    expect(train.slice(2).map(({ name }) => name)).toEqual(['horizontalFlip', 'padAndShift', 'jitter', 'normalize']);
    const wide = await pipelinesOf(await resolve('pictures: { name: encoder, size: [32, 48] }'));
    expect(wide.test[0]).toEqual({ name: 'resize', height: 32, width: 48, filter: 'bicubic' });
  });

  it.each([
    ['resnet18.tv_in1k', 73, 'bilinear'],
    ['resnet18.a1_in1k', 67, 'bicubic'],
  ])('go by the weights that the name tells: %s', async (name, shorterSide, filter) => {
    const recipe = await resolve(`encoder: { name: ${name}, imageSize: 64 }\npictures: { name: encoder }`);
    const { test } = await picturePipelines(recipe, null);
    expect(test[0]).toEqual({ name: 'resize', shorterSide, filter });
  });
});

describe('pictures of the recipe’s own', () => {
  it('go through the transforms one after another, from one stream', async () => {
    const changes = { flip: true, cutout: { share: 0.3 }, randAugment: { count: 2, probability: 1 } };
    const others = { trivialAugment: { levels: 5 }, randomErasing: { probability: 1, area: [0.2, 0.5] } } as const;
    const { train } = await pipelinesOf(await resolve(`pictures: ${JSON.stringify({ ...changes, ...others })}`));
    const picture = { height: 6, width: 8, pixels: Uint8Array.from({ length: 144 }, (_, i) => (i * 7) % 256) };
    const transforms = [
      horizontalFlip(),
      padAndShift(4),
      cutout(changes.cutout),
      randAugment(changes.randAugment),
      trivialAugment(others.trivialAugment),
      jitter({ brightness: 20, contrast: 0.2 }),
      randomErasing(others.randomErasing),
      normalize(own),
    ];
    for (let seed = 0; seed < 20; seed++) {
      const random = new RandomStream(seed);
      const expected = transforms.reduce<Picture>((before, transform) => transform(before, random), picture);
      expect(resolvePipeline(train)(picture, new RandomStream(seed))).toEqual(expected);
    }
  });

  it('are without Cutout, RandAugment and the like unless these are named, then as published', async () => {
    const plain = (await resolve('seed: 1')).pictures;
    expect(plain).toMatchObject({ name: 'own', shift: 4, cutout: null, randAugment: null });
    expect(plain).toMatchObject({ trivialAugment: null, randomErasing: null });
    expect(
      (await resolve('pictures: { cutout: {}, randAugment: {}, trivialAugment: {}, randomErasing: {} }')).pictures,
    ).toMatchObject({
      cutout: { share: 0.5 },
      randAugment: { count: 2, probability: 0.5 },
      trivialAugment: { levels: 31, fill: [0, 0, 0] },
      randomErasing: { probability: 0.5, area: [0.02, 0.4], aspect: [0.3, 1 / 0.3], fill: 'pixels' },
    });
  });

  it('hide a box of one colour', async () => {
    const grey = Math.fround(100 / 255);
    expect((await read('flip: false')).every((value) => value === grey)).toBe(true);
    const pixels = await read('cutout: { share: 0.25 }');
    const changed = Array.from({ length: 1600 }, (_, i) => pixels.slice(3 * i, 3 * i + 3).join()).filter(
      (colour) => colour !== [grey, grey, grey].join(),
    );
    expect(changed.length).toBeGreaterThan(25);
    expect(changed.length).toBeLessThanOrEqual(11 * 11);
    expect(new Set(changed).size).toBe(1);
  });

  it('draw operations, as many and as often as they are told', async () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const still = (await read('flip: false')).join();
    const changed = async (changes: string) => {
      const drawn = await Promise.all(seeds.map((seed) => read(changes, seed)));
      return drawn.filter((pixels) => pixels.join() !== still).length;
    };
    expect(await changed('randAugment: { count: 0 }')).toBe(0);
    expect(await changed('randAugment: { probability: 0 }')).toBe(0);
    expect(await changed('randAugment: { count: 9, probability: 1 }')).toBeGreaterThan(8);
  });

  it('are normalised as the encoder was trained, or as it is named', async () => {
    const levels = async (normalization: string) =>
      statisticsOf((await pipelinesOf(await resolve(`pictures: { normalization: ${normalization} }`))).test);
    expect(await levels('encoder')).toEqual(own);
    expect(await levels('imagenet')).toEqual(imagenetStatistics);
    expect(await levels('half')).toEqual(halfStatistics);
    expect(await levels('none')).toEqual(unitStatistics);
    expect((await levels('clip')).mean[0]).toBeCloseTo(122.77, 2);
    const built = await build(await resolve('features: null\npictures: { normalization: none }'));
    const pixels = await built.inputs.test.inputs.read([0]);
    expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pixels)).toBeLessThanOrEqual(1);
    built.dispose();
  });
});

const few = 'data: { name: digits-ml, trainScenes: 150, testScenes: 50 }\n';

describe('pictures of a paper', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-pictures-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are those that its method or loss has, at the size of the paper unless the recipe has another', async () => {
    const { pictures: resolved } = await resolve('pictures: { name: sarb }');
    expect(resolved).toEqual({ name: 'sarb', size: 448 });
    for (const [name, of, size] of [
      ['sarb', sarb.needs.pictures!, undefined],
      ['sarb', sarb.needs.pictures!, 64],
      ['distribution-balanced', distributionBalancedPictures, undefined],
    ] as const) {
      const text = `pictures: { name: ${name}${size === undefined ? '' : `, size: ${size}`} }`;
      expect(await pipelinesOf(await resolve(text))).toEqual(publishedPipelines(of, size));
    }
  });

  it('train, score and are kept by the model, at the size that is asked for', { timeout: 300_000 }, async () => {
    const small = `${few}pictures: { name: sarb, size: 28 }\nfeatures: null\nsteps: 1\nbatchSize: 64\nseed: 3`;
    const { train, test } = publishedPipelines(sarb.needs.pictures!, 28);
    const built = await build(await resolve(small));
    expect(built.pipelines).toEqual({ train, test });
    expect(built.inputs.train.inputs.shape).toEqual([28, 28, 3]);
    const picture = async (pipeline: typeof test, streams?: ReturnType<typeof itemStreams>) =>
      imageInputs(built.splits.train.images, pipeline).read([5], streams);
    const streams = () => itemStreams(built.random, 0);
    expect(await built.inputs.train.inputs.read([5], streams())).toEqual(await picture(train, streams()));
    expect(await built.inputs.validation?.inputs.read([0])).not.toEqual(await picture(train));
    const before = await exportState(built.learner);
    const weights = (state: typeof before) => [...state.values()].map(({ data }) => [...data]);
    const start = weights(before);
    const result = await run(built, { folder });
    expect(weights(await exportState(built.learner))).not.toEqual(start);
    built.dispose();

    const description = JSON.parse(readFileSync(join(folder, 'model', 'model.json'), 'utf8'));
    expect(description.pictures).toEqual({ height: 28, width: 28, pipeline: test });
    const model = await loadModel(folder);
    expect(model).toMatchObject({ pipeline: test, imageSize: [28, 28], statistics: imagenetStatistics });
    expect(scoreGroups(await evaluate(model), model.groups)).toEqual(result.test?.mAP);
    model.dispose();
  });

  it('may be padded after they are normalised', { timeout: 300_000 }, async () => {
    const text = `${few}pictures: { name: distribution-balanced, size: 40 }\nfeatures: { views: 0 }\nsteps: 1`;
    const built = await build(await resolve(text));
    const padded = join(folder, 'padded');
    const result = await run(built, { folder: padded });
    built.dispose();
    const model = await loadModel(padded);
    expect(model).toMatchObject({ imageSize: [64, 64], statistics: imagenetStatistics });
    expect(scoreGroups(await evaluate(model), model.groups)).toEqual(result.test?.mAP);
    model.dispose();
  });

  it('give views that a method has of its own their normalisation, and whether to mirror', async () => {
    const method = '{ name: dscl, options: { dimension: 8, queue: { size: 64 } } }';
    const firstViews = async (entry: string): Promise<number[]> => {
      const text = `data: { name: digits-lt-single }\nmethod: ${method}\nbatchSize: 4\npictures: ${entry}`;
      const built = await build(await resolveText(text));
      try {
        for await (const { inputs } of built.loader.epoch()) return [...(await (inputs as Views).query.data())];
      } finally {
        built.dispose();
      }
      return [];
    };
    const plain = await firstViews('{ normalization: none }');
    expect(await firstViews('{ name: cprfl, size: 64 }')).toEqual(plain);
    const mirrored = await firstViews('{ normalization: imagenet, flip: true }');
    expect(await firstViews('{ name: sarb, size: 64 }')).toEqual(mirrored);
    expect(mirrored).not.toEqual(await firstViews('{ normalization: imagenet }'));
  });
});

it.each([
  ['pictures: { cutout: { share: 2 } }', /run\.yaml:2: pictures\.cutout\.share/],
  ['pictures: { cutOut: {} }', /unknown "cutOut" \(cutout\?\); known: name, size, flip, shift, cutout, randAugment/],
  ['pictures: { randAugment: { count: -1 } }', /pictures\.randAugment\.count/],
  ['pictures: { trivialAugment: { levels: 1 } }', /pictures\.trivialAugment\.levels/],
  ['pictures: { randomErasing: { area: [0.4, 0.1] } }', /run\.yaml:2: pictures\.randomErasing\.area: .*low ≤ high/],
  ['pictures: { randomErasing: { fill: black } }', /pictures\.randomErasing\.fill/],
  ['pictures: { normalization: mean }', /pictures\.normalization/],
  ['pictures: { name: sarb, shift: 2 }', /run\.yaml:2: pictures: unknown "shift"; known: name, size/],
  ['pictures: { name: mkt, size: 0 }', /pictures\.size/],
  [
    'pictures: { name: srab }',
    /run\.yaml:2: pictures\.name: should be one of own, encoder, steps, classifier, sarb, .*distribution-balanced/,
  ],
  [
    'pictures: { name: classifier }',
    /run\.yaml:2: pictures\.name: the paper of classifier does not say how pictures are prepared/,
  ],
])('refuses %s', async (text, message) => {
  await expect(resolve(text)).rejects.toThrow(message);
});
