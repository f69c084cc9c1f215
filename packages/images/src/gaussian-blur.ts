import { checkNumber, checkOptionNames, checkRange } from '@ltml/tensor';
import { type Transform, toFloat } from './picture.ts';

/** Options of {@link gaussianBlur}. */
export interface GaussianBlurOptions {
  /** Range of the standard deviation in pixels, > 0; default 0.1 to 2. */
  readonly sigma?: readonly [low: number, high: number];
  /** Probability that the step does anything, in [0, 1]; default 1. */
  readonly probability?: number;
}

/** Number of standard deviations after which the filter is cut off. */
const reach = 3;

/**
 * Gaussian blur of random width; the border is repeated. (Pillow's `GaussianBlur` approximates it with box filters.)
 *
 * @throws OptionError
 */
export function gaussianBlur(options: GaussianBlurOptions = {}): Transform {
  checkOptionNames('gaussianBlur', options, ['sigma', 'probability']);
  const { sigma = [0.1, 2], probability = 1 } = options;
  checkRange('gaussianBlur', 'options.sigma', sigma, { above: 0 });
  checkNumber('gaussianBlur', 'options.probability', probability, { min: 0, max: 1 });
  return (picture, random) => {
    if (!random || random.uniform() >= probability) return picture;
    const { height, width, pixels } = toFloat(picture);
    const weights = gaussian(random.uniform(...sigma));
    const across = new Float32Array(pixels.length);
    for (let y = 0; y < height; y++) blurLine(pixels, across, y * width * 3, 3, width, weights);
    const both = new Float32Array(pixels.length);
    for (let x = 0; x < width; x++) blurLine(across, both, x * 3, width * 3, height, weights);
    return { height, width, pixels: both };
  };
}

/** Weights of the pixels at distance 0, 1, … on each side; their sum over both sides is 1. */
function gaussian(sigma: number): Float64Array {
  const weights = Float64Array.from({ length: Math.ceil(reach * sigma) + 1 }, (_, i) =>
    Math.exp(-(i * i) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + 2 * weight, -weights[0]);
  return weights.map((weight) => weight / sum);
}

/** Blurs the pixels of one line. Neighbours are `step` values apart and have three channels each. */
function blurLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  weights: Float64Array,
): void {
  for (let i = 0; i < length; i++) {
    const at = start + i * step;
    for (let channel = 0; channel < 3; channel++) to[at + channel] = weights[0] * from[at + channel];
    for (let k = 1; k < weights.length; k++) {
      const before = start + Math.max(i - k, 0) * step;
      const after = start + Math.min(i + k, length - 1) * step;
      for (let channel = 0; channel < 3; channel++) {
        to[at + channel] += weights[k] * (from[before + channel] + from[after + channel]);
      }
    }
  }
}
