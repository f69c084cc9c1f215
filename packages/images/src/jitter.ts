import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { type Transform, toFloat } from './picture.ts';

export interface JitterOptions {
  /** Brightness changes by up to this, in 0 … 255; default 0. */
  readonly brightness?: number;
  /** Contrast about the mean of the picture changes by up to this factor more or less; default 0. */
  readonly contrast?: number;
}

/** value ← (value − m)·c + m + b with m the mean of the picture, b in ±brightness and c in 1 ± contrast. Nothing is clipped. */
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
