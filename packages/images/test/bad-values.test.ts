import { OptionError, RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import * as images from '../src/index.ts';

const random = () => new RandomStream(0);
const size = { height: 8, width: 8 };
const picture = { ...size, pixels: new Float32Array(192) };
const statistics = images.imagenetStatistics;

const counts = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1'];
const countsFrom0 = counts.slice(1);
const shares = [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5'];
const amounts = [-0.1, Number.NaN, Number.POSITIVE_INFINITY, '1'];
const ranges = [
  [1, 0.5],
  [Number.NaN, 1],
  [-1, 1],
  [0.5, Number.POSITIVE_INFINITY],
];

/** Every option and argument: a call with its value, and values that it refuses. */
const options: [name: string, call: (value: never) => unknown, bad: readonly unknown[]][] = [
  ['padAndShift', (padding) => images.padAndShift(padding), countsFrom0],
  ['resize height', (height) => images.resizeOpencv(picture, { height, width: 2 }), counts],
  ['resize width', (width) => images.resizeInterpolating(picture, { height: 2, width, filter: 'bilinear' }), counts],
  ['cutout share', (share) => images.cutout({ share }), shares],
  ['randomCrop keep', (keep) => images.randomCrop({ keep }), [0, ...shares]],
  ['randomGrayscale', (probability) => images.randomGrayscale(probability), shares],
  ['randAugment count', (count) => images.randAugment({ count }), countsFrom0],
  ['randAugment probability', (probability) => images.randAugment({ probability }), shares],
  ['jitter brightness', (brightness) => images.jitter({ brightness }), amounts],
  ['jitter contrast', (contrast) => images.jitter({ contrast }), amounts],
  ...(['brightness', 'contrast', 'saturation', 'hue', 'probability'] as const).map(
    (name) => [`colorJitter ${name}`, (value: never) => images.colorJitter({ [name]: value }), amounts] as never,
  ),
  ['gaussianBlur sigma', (sigma) => images.gaussianBlur({ sigma }), [[0, 1], ...ranges]],
  ['gaussianBlur probability', (probability) => images.gaussianBlur({ probability }), shares],
  ['photometricDistortion brightness', (brightness) => images.photometricDistortion({ brightness }), amounts],
  ['photometricDistortion hue', (hue) => images.photometricDistortion({ hue }), amounts],
  ['photometricDistortion contrast', (contrast) => images.photometricDistortion({ contrast }), ranges],
  ['photometricDistortion saturation', (saturation) => images.photometricDistortion({ saturation }), ranges],
  ['normalize std', (std) => images.normalize({ ...statistics, std: [1, 1, std] }), [0, ...amounts]],
  ['normalize mean', (mean) => images.normalize({ ...statistics, mean: [mean, 1, 1] }), [Number.NaN, '1']],
  ['normalize names', (value) => images.normalize({ ...statistics, sd: value } as never), [1]],
  ['normalize channels', (mean) => images.normalize({ ...statistics, mean }), [[1], [1, 1, 1, 1]]],
  ['randomResizedCrop size', (side) => images.randomResizedCrop({ size: side }), counts],
  ['randomResizedCrop scale', (scale) => images.randomResizedCrop({ size: 4, scale }), [[0.5, 2], ...ranges]],
  ['randomResizedCrop ratio', (ratio) => images.randomResizedCrop({ size: 4, ratio }), ranges],
  ['areaBox size', (height) => images.areaBox({ height, width: 4 }, { scale: [0.5, 1] }, random()), counts],
  ['areaBox scale', (scale) => images.areaBox(size, { scale }, random()), ranges],
  ['sideBox scale', (scale) => images.sideBox(size, { scale }, random()), ranges],
  ['sideBox ratio', (ratio) => images.sideBox(size, { scale: [0.5, 1], ratio }, random()), ranges],
  ['centralBox ratio', (ratio) => images.centralBox(size, ratio), ranges],
  ['sizeOfDraw share', (share) => images.sizeOfDraw(size, share, 0), amounts],
  [
    'resizeAntialias box',
    (left) =>
      images.resizeAntialias(picture, { ...size, filter: 'bilinear', box: { left, top: 0, right: 4, bottom: 4 } }),
    [-1, 4, 5, Number.NaN],
  ],
  [
    'resizeAntialias keep',
    (left) =>
      images.resizeAntialias(picture, { ...size, filter: 'bilinear', keep: { left, top: 0, right: 4, bottom: 4 } }),
    [-1, 4, 5, 0.5, Number.NaN],
  ],
  [
    'resizeAntialias size',
    (height) => images.resizeAntialias(picture, { height, width: 2, filter: 'bilinear' }),
    counts,
  ],
  ['resizeAntialias filter', (filter) => images.resizeAntialias(picture, { ...size, filter }), ['nearest', undefined]],
  ['shorterSideSize side', (side) => images.shorterSideSize(size, side), counts],
  ['shorterSideSize size', (height) => images.shorterSideSize({ height, width: 2 }, 4), counts],
  ['centerCropBox crop', (width) => images.centerCropBox(size, { height: 2, width }), [0, -1, 1.5, Number.NaN, '1']],
  ['padToMultiple', (multiple) => images.padToMultiple({ multiple }), counts],
  ['randomSquareCrop', (side) => images.randomSquareCrop({ sides: [4, side] }), counts],
  ['randomSquareCrop sides', (sides) => images.randomSquareCrop({ sides }), [[], 4, undefined]],
  ['timmRandAugment count', (count) => images.timmRandAugment({ count }), countsFrom0],
  ['timmRandAugment magnitude', (magnitude) => images.timmRandAugment({ magnitude }), [11, ...amounts]],
  ['timmRandAugment deviation', (deviation) => images.timmRandAugment({ deviation }), amounts],
  ['timmRandAugment probability', (probability) => images.timmRandAugment({ probability }), shares],
  ['randomResizedCrop filter', (filter) => images.randomResizedCrop({ size: 4, filter }), ['Bicubic']],
];

test.each(options)('%s refuses what is out of its range', (_, call, bad) => {
  for (const value of bad) expect(() => call(value as never), String(value)).toThrow(OptionError);
});
