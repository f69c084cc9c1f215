import { checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import { areFloats, type Transform } from './picture.ts';
import type { ChannelStatistics } from './statistics.ts';

/** (value − mean) / std of each channel. */
export function normalize(statistics: ChannelStatistics): Transform {
  checkOptionNames('normalize', statistics, ['mean', 'std']);
  const { mean, std } = statistics;
  for (const [argument, list] of Object.entries({ mean, std })) {
    checkCount('normalize', `${argument}.length`, list?.length, { min: 3, max: 3 });
  }
  for (const [channel, value] of mean.entries()) checkNumber('normalize', `mean[${channel}]`, value);
  for (const [channel, value] of std.entries()) checkNumber('normalize', `std[${channel}]`, value, { above: 0 });
  const ofLevels = [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, level) => (level - mean[channel]) / std[channel]),
  );
  return (picture) => ({
    ...picture,
    pixels: areFloats(picture.pixels) ? ofFloats(picture.pixels, statistics) : lookUp(picture.pixels, ofLevels),
  });
}

function ofFloats(values: Float32Array, { mean, std }: ChannelStatistics): Float32Array {
  const pixels = new Float32Array(values.length);
  for (let at = 0; at < pixels.length; at += 3) {
    for (let channel = 0; channel < 3; channel++)
      pixels[at + channel] = (values[at + channel] - mean[channel]) / std[channel];
  }
  return pixels;
}

/** The same numbers, of which there are 256 a channel. */
function lookUp(levels: Uint8Array, [red, green, blue]: readonly Float32Array[]): Float32Array {
  const pixels = new Float32Array(levels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    pixels[at] = red[levels[at]];
    pixels[at + 1] = green[levels[at + 1]];
    pixels[at + 2] = blue[levels[at + 2]];
  }
  return pixels;
}
