import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { type Transform, toFloat } from './picture.ts';

/** Options of {@link jitter}. */
export interface JitterOptions {
  /** Largest change of brightness in levels 0 … 255, in both directions; ≥ 0, default 0. */
  readonly brightness?: number;
  /** Multiplies the distance to the picture's mean by a factor drawn from 1 ± this; ≥ 0, default 0. */
  readonly contrast?: number;
}

/**
 * Changes brightness and contrast: value ← (value − m)·c + m + b, with m the mean of the picture, b drawn from
 * ±brightness and c from 1 ± contrast. Nothing is clipped.
 *
 * @throws OptionError
 */
export function jitter(options: JitterOptions): Transform {
  checkOptionNames('jitter', options, ['brightness', 'contrast']);
  const { brightness = 0, contrast = 0 } = options;
  checkNumber('jitter', 'options.brightness', brightness, { min: 0 });
  checkNumber('jitter', 'options.contrast', contrast, { min: 0 });
  return (picture, random) => {
    if (!random) return picture;
    const shift = random.uniform(-brightness, brightness);
    const factor = random.uniform(1 - contrast, 1 + contrast);
    const { pixels } = toFloat(picture);
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    return { ...picture, pixels: pixels.map((value) => (value - mean) * factor + mean + shift) };
  };
}
