import { type BytePicture, type Picture, type Pipeline, resolvePipeline } from '@ltml/images';
import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, it } from 'vitest';
import { publishedNames, publishedPictures, publishedPipelines } from '../src/parts/published-pictures.ts';

const pictures = new Map(
  await Promise.all(publishedNames.map(async (name) => [name, await publishedPictures(name)] as const)),
);
const published = [...pictures].flatMap(([name, of]) => (of ? [{ name, pictures: of }] : []));
const pipelines = (name: string, size?: number) => publishedPipelines(pictures.get(name)!, size);

const white = (1 - 0.485) / 0.229;
const green = -0.456 / 0.224;

function noise(height: number, width: number, seed: number): BytePicture {
  const random = new RandomStream(seed);
  return { height, width, pixels: Uint8Array.from({ length: height * width * 3 }, () => random.integer(256)) };
}

const areSame = (a: Picture, b: Picture): boolean => Buffer.compare(bytes(a), bytes(b)) === 0;
const bytes = ({ pixels: { buffer, byteOffset, byteLength } }: Picture) =>
  new Uint8Array(buffer, byteOffset, byteLength);

describe('the pictures of a paper', () => {
  it('are those of ten methods and a loss', () => {
    const names = [
      'coop',
      'cprfl',
      'distribution-balanced',
      'dscl',
      'lift',
      'lift-head',
      'lmpt',
      'mkt',
      'sarb',
      'semantic-transfer',
      'vision-only',
    ];
    expect(published.map(({ name }) => name).sort()).toEqual(names);
  });

  it.each([
    ['mkt', 224, [white, green]],
    ['sarb', 448, [white, green]],
    ['cprfl', 448, [1, 0]],
    ['dscl', 224, [white, green]],
    ['distribution-balanced', 224, [white, green]],
    ['coop', 448, [(1 - 0.48145466) / 0.26862954, -0.4578275 / 0.26130258]],
    ['lmpt', 224, [white, green]],
  ])('%s: have its size and statistics', (name, size, levels) => {
    const red = { height: 30, width: 50, pixels: Uint8Array.from({ length: 4500 }, (_, i) => (i % 3 === 0 ? 255 : 0)) };
    const { height, width, pixels } = resolvePipeline(pipelines(name).test)(red);
    expect([height, width, pixels.length]).toEqual([size, size, size * size * 3]);
    expectClose(pixels.subarray(0, 2), levels, { relative: 1e-6 });
  });

  it.each(published)('$name: train on other pictures of the same size', ({ name }) => {
    const { train, test } = pipelines(name);
    const picture = noise(30, 50, 1);
    const [augmented, again] = [1, 1].map((seed) => resolvePipeline(train)(picture, new RandomStream(seed)));
    const plain = resolvePipeline(test)(picture);
    expect([augmented.height, augmented.width]).toEqual([plain.height, plain.width]);
    expect(areSame(augmented, again)).toBe(true);
    expect(areSame(augmented, plain)).toBe(false);
    expect(augmented.pixels).toBeInstanceOf(Float32Array);
    expect(augmented.pixels.every(Number.isFinite)).toBe(true);
    // Without a stream training gives one size as well.
    expect(resolvePipeline(train)(picture)).toMatchObject({ height: plain.height, width: plain.width });
  });

  it.each(published)('$name: are data, which JSON gives back', ({ name }) => {
    expect(JSON.parse(JSON.stringify(pipelines(name)))).toEqual(pipelines(name));
  });

  it('have the shorter sides of the released code', () => {
    const shorterSide = (pipeline: Pipeline): unknown => (pipeline[0] as { shorterSide?: number }).shorterSide;
    expect([224, 384].map((size) => shorterSide(pipelines('mkt', size).test))).toEqual([256, 384]);
    expect([224, 64].map((size) => shorterSide(pipelines('dscl', size).test))).toEqual([256, 73]);
    expect(pipelines('sarb').train[1]).toEqual({ name: 'randomSquareCrop', sides: [512, 448, 384, 320, 256] });
  });

  it('are padded after they are normalised where the paper does so', () => {
    const { test } = pipelines('distribution-balanced', 40);
    expect(test.map(({ name }) => name)).toEqual(['resize', 'normalize', 'padToMultiple']);
    expect(resolvePipeline(test)(noise(40, 40, 2)).pixels.at(-1)).toBe(0);
  });
});
