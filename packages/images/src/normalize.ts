import { checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import { areFloats, type FloatPicture, type Picture, type Transform } from './picture.ts';
import type { ChannelStatistics } from './statistics.ts';

/** Normalises each channel: (value − mean) / std. @throws OptionError */
export function normalize(statistics: ChannelStatistics): Transform {
  const write = normalizeInto(statistics);
  return (picture) => write(picture);
}

/** Normalises a picture into the given memory if it has the right size, otherwise into new memory. */
export function normalizeInto(statistics: ChannelStatistics): (picture: Picture, into?: Float32Array) => FloatPicture {
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
  return ({ height, width, pixels }, into) => {
    const values = into?.length === pixels.length ? into : new Float32Array(pixels.length);
    if (areFloats(pixels)) ofFloats(pixels, statistics, values);
    else lookUp(pixels, ofLevels, values);
    return { height, width, pixels: values };
  };
}

function ofFloats(pixels: Float32Array, { mean, std }: ChannelStatistics, values: Float32Array): void {
  for (let at = 0; at < pixels.length; at += 3) {
    for (let channel = 0; channel < 3; channel++) {
      values[at + channel] = (pixels[at + channel] - mean[channel]) / std[channel];
    }
  }
}

/** The same numbers by table: each channel has only 256 levels. */
function lookUp(levels: Uint8Array, [red, green, blue]: readonly Float32Array[], values: Float32Array): void {
  for (let at = 0; at < levels.length; at += 3) {
    values[at] = red[levels[at]];
    values[at + 1] = green[levels[at + 1]];
    values[at + 2] = blue[levels[at + 2]];
  }
}
