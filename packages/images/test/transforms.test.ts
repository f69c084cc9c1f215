import { OptionError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { cutout } from '../src/cutout.ts';
import { horizontalFlip } from '../src/horizontal-flip.ts';
import { jitter } from '../src/jitter.ts';
import { normalize } from '../src/normalize.ts';
import { padAndShift } from '../src/pad-and-shift.ts';
import { photometricDistortion } from '../src/photometric-distortion.ts';
import type { Picture, Transform } from '../src/picture.ts';
import { randAugment } from '../src/rand-augment/rand-augment.ts';
import { randomCrop } from '../src/random-crop.ts';
import { imagenetStatistics } from '../src/statistics.ts';

/** Every channel of pixel i holds 10·i, 10·i + 1 and 10·i + 2. */
function numbered(height: number, width: number): Picture {
  const pixels = Float32Array.from({ length: height * width * 3 }, (_, at) => 10 * Math.floor(at / 3) + (at % 3));
  return { height, width, pixels };
}

/** The pixel numbers of a picture that holds moved pixels of a numbered one. */
function order({ pixels }: Picture): number[] {
  const numbers = Array.from({ length: pixels.length / 3 }, (_, i) => pixels[3 * i] / 10);
  for (const [i, number] of numbers.entries()) {
    expect(Array.from(pixels.subarray(3 * i, 3 * i + 3))).toEqual([10 * number, 10 * number + 1, 10 * number + 2]);
  }
  return numbers;
}

/** A stream that gives the numbers of a list, then fails. */
function scripted(...draws: number[]): RandomStream {
  const next = (): number => {
    const draw = draws.shift();
    if (draw === undefined) throw new Error('one draw too many');
    return draw;
  };
  const stream = new RandomStream(0);
  stream.uniform = (low = 0, high = 1) => low + (high - low) * next();
  stream.integer = () => next();
  return stream;
}

const augmenting: Record<string, Transform> = {
  horizontalFlip: horizontalFlip(),
  padAndShift: padAndShift(2),
  jitter: jitter({ brightness: 30, contrast: 0.3 }),
  randomCrop: randomCrop(),
  photometricDistortion: photometricDistortion(),
  cutout: cutout(),
  randAugment: randAugment(),
};

test.each(Object.entries(augmenting))(
  '%s does nothing in evaluation, repeats with its seed, and keeps its argument',
  (_, transform) => {
    const picture = numbered(6, 5);
    expect(transform(picture)).toBe(picture);
    expect(transform(picture, new RandomStream(3))).toEqual(transform(picture, new RandomStream(3)));
    const results = Array.from({ length: 20 }, (_, seed) =>
      Array.from(transform(picture, new RandomStream(seed)).pixels).join(),
    );
    expect(new Set(results).size).toBeGreaterThan(1);
    expect(picture).toEqual(numbered(6, 5));
  },
);

test('normalises each channel', () => {
  const picture = { height: 1, width: 2, pixels: Float32Array.of(123.675, 116.28, 103.53, 182.07, 59.16, 160.905) };
  expectClose(normalize(imagenetStatistics)(picture).pixels, [0, 0, 0, 1, -1, 1], { absolute: 1e-6 });
});

test('flips left and right', () => {
  expect(order(horizontalFlip()(numbered(2, 3), scripted(0.49)))).toEqual([2, 1, 0, 5, 4, 3]);
  expect(order(horizontalFlip()(numbered(2, 3), scripted(0.5)))).toEqual([0, 1, 2, 3, 4, 5]);
});

test('shifts, and repeats the border that comes in', () => {
  // Drawn 0 is up by one, 2 is right by one.
  expect(order(padAndShift(1)(numbered(3, 3), scripted(0, 2)))).toEqual([3, 3, 4, 6, 6, 7, 6, 6, 7]);
});

test('jitter keeps the mean but for the brightness, and scales about it', () => {
  const picture = { height: 1, width: 1, pixels: Float32Array.of(90, 100, 110) };
  expectClose(jitter({ brightness: 20, contrast: 0.5 })(picture, scripted(0.75, 1)).pixels, [95, 110, 125]);
});

test('crops the rows and columns that were drawn', () => {
  // Width 0.8·10 + 0.5·2 = 9 and height 9, from 1 + 0.5·(1 − 1) = 1 on.
  const cropped = randomCrop()(numbered(10, 10), scripted(0.5, 0.5, 0.5, 0.5));
  expect([cropped.height, cropped.width]).toEqual([9, 9]);
  expect(order(cropped).slice(0, 3)).toEqual([11, 12, 13]);
  expect(order(cropped).at(-1)).toBe(99);
});

test('crops stay inside the picture and within a ratio of 2, and a picture without room stays whole', () => {
  for (let seed = 0; seed < 200; seed++) {
    const { height, width, pixels } = randomCrop({ keep: 0.3 })(numbered(9, 14), new RandomStream(seed));
    expect(height >= 1 && height <= 9 && width >= 1 && width <= 14).toBe(true);
    expect(pixels).toHaveLength(height * width * 3);
  }
  const strip = numbered(1, 40);
  expect(randomCrop()(strip, new RandomStream(1))).toBe(strip);
  expect(randomCrop({ keep: 1 })(numbered(1, 1), new RandomStream(1))).toEqual(numbered(1, 1));
});

const no = 0.9;
const yes = 0.1;
const colours: Picture = { height: 1, width: 2, pixels: Float32Array.of(200, 100, 50, 60, 60, 60) };

test('photometric distortion: each change alone, by hand', () => {
  const distort = photometricDistortion();
  // Draws: brightness, contrast first, contrast, saturation, hue, channels; a value follows each change that is made.
  expectClose(distort(colours, scripted(yes, 1, no, no, no, no, no)).pixels, [232, 132, 82, 92, 92, 92]);
  expectClose(distort(colours, scripted(no, yes, yes, 1, no, no, no)).pixels, [300, 150, 75, 90, 90, 90]);
  // Half the saturation halves the distance from the largest channel; grey stays.
  expectClose(distort(colours, scripted(no, no, yes, 0, no, no, no)).pixels, [200, 150, 125, 60, 60, 60]);
  // Orange is at 20°; 18° on, green is at 38/60 of the way from 50 to 200.
  expectClose(distort(colours, scripted(no, no, no, yes, 1, no, no)).pixels, [
    200,
    50 + (150 * 38) / 60,
    50,
    60,
    60,
    60,
  ]);
  // 18° back is 2°.
  expectClose(distort(colours, scripted(no, no, no, yes, 0, no, no)).pixels, [
    200,
    50 + (150 * 2) / 60,
    50,
    60,
    60,
    60,
  ]);
  // Contrast after the colours, then the channels in the order that three draws of 0 shuffle to.
  expectClose(distort(colours, scripted(no, no, no, no, yes, 0, no)).pixels, [100, 50, 25, 30, 30, 30]);
  expectClose(distort(colours, scripted(no, no, no, no, no, yes, 0, 0)).pixels, [100, 50, 200, 60, 60, 60]);
});

test('a hue turned all the way round is the same hue', () => {
  const turning = photometricDistortion({ hue: 360 });
  for (const pixels of [Float32Array.of(10, 200, 90), Float32Array.of(3, 7, 250), Float32Array.of(250, 7, 30)]) {
    const picture = { height: 1, width: 1, pixels };
    expectClose(turning(picture, scripted(no, no, no, yes, 1, no, no)).pixels, pixels);
  }
});

test('refuses sizes and ranges that make no sense', () => {
  const bad = [
    () => randomCrop({ keep: 0 }),
    () => padAndShift(-1),
    () => normalize({ mean: [0, 0, 0], std: [1, 0, 1] }),
  ];
  for (const make of bad) expect(make).toThrow(OptionError);
  expect(() => jitter({ hue: 1 } as object)).toThrow(/unknown option "hue"/);
});
