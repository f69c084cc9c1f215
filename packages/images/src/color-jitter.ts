import { checkNumber, checkOptionNames, type RandomStream } from '@ltml/tensor';
import { changeColour } from './change-colour.ts';
import { type Picture, type Transform, toFloat } from './picture.ts';

/** Options of {@link colorJitter}. */
export interface ColorJitterOptions {
  /** Multiplies all levels by a factor drawn from 1 ± this; ≥ 0, default 0. */
  readonly brightness?: number;
  /** Multiplies the distance to the picture's mean grey by a factor drawn from 1 ± this; ≥ 0, default 0. */
  readonly contrast?: number;
  /** Multiplies the distance to each pixel's own grey by a factor drawn from 1 ± this; ≥ 0, default 0. */
  readonly saturation?: number;
  /** Rotates the hue by up to this share of a full circle, in [0, 0.5]; default 0. */
  readonly hue?: number;
  /** Probability that the step does anything, in [0, 1]; default 1. */
  readonly probability?: number;
}

/**
 * Changes brightness, contrast, saturation and hue in random order, and clips to 0 … 255 after each: torchvision's
 * `ColorJitter`.
 *
 * Brightness, contrast and saturation compute f·x + (1 − f)·d. Here d is 0, the rounded mean grey, or the grey of the
 * pixel.
 *
 * @throws OptionError
 */
export function colorJitter(options: ColorJitterOptions): Transform {
  checkOptionNames('colorJitter', options, ['brightness', 'contrast', 'saturation', 'hue', 'probability']);
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0, probability = 1 } = options;
  for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
    checkNumber('colorJitter', `options.${name}`, value, { min: 0 });
  }
  checkNumber('colorJitter', 'options.hue', hue, { min: 0, max: 0.5 });
  checkNumber('colorJitter', 'options.probability', probability, { min: 0, max: 1 });
  return (picture, random) => {
    if (!random || random.uniform() >= probability) return picture;
    const pixels = Float32Array.from(picture.pixels);
    const changes = [
      () => blend(pixels, factorOf(brightness, random), () => 0),
      () => {
        const mean = Math.round(meanGrey(pixels));
        blend(pixels, factorOf(contrast, random), () => mean);
      },
      () => blend(pixels, factorOf(saturation, random), (at) => grey(pixels, at)),
      () => {
        if (hue > 0) changeColour(pixels, 1, 360 * random.uniform(-hue, hue));
      },
    ];
    for (const change of random.permutation(changes.length)) changes[change]();
    return { ...picture, pixels };
  };
}

/** Turns a picture grey with the given probability; it keeps three channels. @throws OptionError */
export function randomGrayscale(probability: number): Transform {
  checkNumber('randomGrayscale', 'probability', probability, { min: 0, max: 1 });
  return (picture, random) => (random && random.uniform() < probability ? toGrey(picture) : picture);
}

function factorOf(range: number, random: RandomStream): number {
  return range > 0 ? random.uniform(Math.max(0, 1 - range), 1 + range) : 1;
}

/** Moves every pixel away from `base` (factor > 1) or towards it (factor < 1). */
function blend(pixels: Float32Array, factor: number, base: (at: number) => number): void {
  if (factor === 1) return;
  for (let at = 0; at < pixels.length; at += 3) {
    const rest = (1 - factor) * base(at);
    for (let i = at; i < at + 3; i++) pixels[i] = Math.min(255, Math.max(0, factor * pixels[i] + rest));
  }
}

/** ITU-R 601 luma of the pixel that starts at index `at`. */
function grey(pixels: Float32Array, at: number): number {
  return 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
}

function meanGrey(pixels: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 3) sum += grey(pixels, at);
  return (sum * 3) / pixels.length;
}

function toGrey(picture: Picture): Picture {
  const { pixels } = toFloat(picture);
  return { ...picture, pixels: pixels.map((_, at) => grey(pixels, at - (at % 3))) };
}
