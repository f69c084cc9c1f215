import { imageInputs, itemStreams } from '@ltml/data';
import {
  cutout,
  horizontalFlip,
  imagenetStatistics,
  jitter,
  type Picture,
  padAndShift,
  randAugment,
  resolvePipeline,
} from '@ltml/images';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import { build } from '../src/build.ts';
import { augmentationSteps, statisticsOf } from '../src/parts/augmentation.ts';
import { resolveText } from './resolve-text.ts';

const resolve = (text: string) => resolveText(`loss: { name: focal }\n${text}`);

/** One grey picture of 40 × 40, read as the recipe says. */
async function read(augment: string, seed = 1): Promise<Float32Array> {
  const images = { length: 1, height: 40, width: 40, read: async () => new Uint8Array(40 * 40 * 3).fill(100) };
  const still = 'shift: 0, brightness: 0, contrast: 0';
  const recipe = resolve(`augment: { ${still}, ${augment} }`);
  return imageInputs(images, augmentationSteps(recipe.augment)).read([0], itemStreams(new RandomStreams(seed), 0));
}

describe('augment', () => {
  it('does what the transforms do one after another, from one stream', () => {
    const augment = { flip: true, cutout: { share: 0.3 }, randAugment: { count: 2, probability: 1 } };
    const { augment: options } = resolve(`augment: ${JSON.stringify(augment)}`);
    const picture = { height: 6, width: 8, pixels: Uint8Array.from({ length: 144 }, (_, i) => (i * 7) % 256) };
    const transforms = [
      horizontalFlip(),
      padAndShift(4),
      cutout(augment.cutout),
      randAugment(augment.randAugment),
      jitter({ brightness: 20, contrast: 0.2 }),
    ];
    for (let seed = 0; seed < 20; seed++) {
      const random = new RandomStream(seed);
      const expected = transforms.reduce<Picture>((before, transform) => transform(before, random), picture);
      expect(resolvePipeline(augmentationSteps(options))(picture, new RandomStream(seed))).toEqual(expected);
    }
  });

  it('is without Cutout and RandAugment unless they are named, then as released', () => {
    expect(resolve('seed: 1').augment).toMatchObject({ shift: 4, cutout: null, randAugment: null });
    expect(resolve('augment: { cutout: {}, randAugment: {} }').augment).toMatchObject({
      cutout: { share: 0.5 },
      randAugment: { count: 2, probability: 0.5 },
    });
  });

  it('hides a box of one colour', async () => {
    expect((await read('flip: false')).every((value) => value === 100)).toBe(true);
    const pixels = await read('cutout: { share: 0.25 }');
    const changed = Array.from({ length: 1600 }, (_, i) => pixels.slice(3 * i, 3 * i + 3).join()).filter(
      (colour) => colour !== '100,100,100',
    );
    expect(changed.length).toBeGreaterThan(25);
    expect(changed.length).toBeLessThanOrEqual(11 * 11);
    expect(new Set(changed).size).toBe(1);
  });

  it('draws operations, as many and as often as it is told', async () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const changed = async (augment: string) => {
      const pictures = await Promise.all(seeds.map((seed) => read(augment, seed)));
      return pictures.filter((pixels) => pixels.some((value) => value !== 100)).length;
    };
    expect(await changed('randAugment: { count: 0 }')).toBe(0);
    expect(await changed('randAugment: { probability: 0 }')).toBe(0);
    expect(await changed('randAugment: { count: 9, probability: 1 }')).toBeGreaterThan(8);
  });

  it.each([
    ['augment: { cutout: { share: 2 } }', /run\.yaml:2: augment\.cutout\.share/],
    ['augment: { cutOut: {} }', /unknown "cutOut" \(cutout\?\); known: flip, shift, cutout, randAugment/],
    ['augment: { randAugment: { count: -1 } }', /augment\.randAugment\.count/],
    ['normalization: mean', /normalization/],
  ])('refuses %s', (text, message) => {
    expect(() => resolve(text)).toThrow(message);
  });
});

it('normalises by the backbone, by ImageNet, or not', async () => {
  const own = { mean: [1, 2, 3], std: [4, 5, 6] } as const;
  expect(statisticsOf('backbone', own)).toBe(own);
  expect(statisticsOf('imagenet', own)).toBe(imagenetStatistics);
  expect(statisticsOf('half', own)).toEqual({ mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] });
  expect(statisticsOf('clip', own).mean[0]).toBeCloseTo(122.77, 2);
  const { inputs, learner } = await build(resolve('cachedViews: null\nnormalization: none'));
  const pixels = await inputs.test.inputs.read([0]);
  expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...pixels)).toBeLessThanOrEqual(1);
  learner.dispose();
});
