import { checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import type { Transform } from './picture.ts';
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
