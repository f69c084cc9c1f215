import { checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import type { Picture, Transform } from './picture.ts';
import type { ChannelStatistics } from './statistics.ts';

/** (value − mean) / std of each channel. */
export function normalize(statistics: ChannelStatistics): Transform {
  checkOptionNames('normalize', statistics, ['mean', 'std']);
  const { mean, std } = statistics;
  for (const [argument, list] of Object.entries({ mean, std })) {
    checkCount('normalize', `${argument}.length`, list.length, { min: 3, max: 3 });
  }
  for (const [channel, value] of mean.entries()) checkNumber('normalize', `mean[${channel}]`, value);
  for (const [channel, value] of std.entries()) checkNumber('normalize', `std[${channel}]`, value, { above: 0 });
  return (picture) => {
    const pixels = new Float32Array(picture.pixels.length);
    for (let at = 0; at < pixels.length; at += 3) {
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = (picture.pixels[at + channel] - mean[channel]) / std[channel];
      }
    }
    return { ...picture, pixels };
  };
}

/** Mirrors left and right in every second picture. */
export function horizontalFlip(): Transform {
  return (picture, random) => {
    if (!random || random.uniform() >= 0.5) return picture;
    return gather(picture, (y, x) => [y, picture.width - 1 - x]);
  };
}

/**
 * Moves the picture by up to `padding` pixels along each axis, each distance as likely; what comes in repeats the border.
 * The same as padding all sides and cropping at random.
 */
export function padAndShift(padding: number): Transform {
  checkCount('padAndShift', 'padding', padding, { min: 0 });
  return (picture, random) => {
    if (!random) return picture;
    const down = random.integer(2 * padding + 1) - padding;
    const right = random.integer(2 * padding + 1) - padding;
    return gather(picture, (y, x) => [clamp(y - down, picture.height - 1), clamp(x - right, picture.width - 1)]);
  };
}

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
    const mean = picture.pixels.reduce((sum, value) => sum + value, 0) / picture.pixels.length;
    return { ...picture, pixels: picture.pixels.map((value) => (value - mean) * factor + mean + shift) };
  };
}

/** A picture of the same size whose pixels are taken from the places that `source` names. */
function gather(picture: Picture, source: (y: number, x: number) => readonly [y: number, x: number]): Picture {
  const { height, width, pixels } = picture;
  const moved = new Float32Array(pixels.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [fromY, fromX] = source(y, x);
      const from = (fromY * width + fromX) * 3;
      moved[to] = pixels[from];
      moved[to + 1] = pixels[from + 1];
      moved[to + 2] = pixels[from + 2];
    }
  }
  return { height, width, pixels: moved };
}

function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last);
}
