import type { BytePicture } from '../picture.ts';
import { byLevel, byTables, tableOf } from './by-level.ts';

/** Inverts all levels. */
export function invert(picture: BytePicture): BytePicture {
  return byLevel(picture, (level) => 255 - level);
}

/** Keeps the highest `bits` bits of each level. */
export function posterize(picture: BytePicture, bits: number): BytePicture {
  const step = 2 ** (8 - bits);
  return byLevel(picture, (level) => level - (level % step));
}

/** Inverts the levels that are at or above a threshold. */
export function solarize(picture: BytePicture, threshold: number): BytePicture {
  return byLevel(picture, (level) => (level >= threshold ? 255 - level : level));
}

/** Adds `by` to the levels below the middle. */
export function solarizeAdd(picture: BytePicture, by: number): BytePicture {
  return byLevel(picture, (level) => (level < 128 ? Math.min(255, level + by) : level));
}

/** Stretches each channel to the range 0 … 255. */
export function autoContrast(picture: BytePicture): BytePicture {
  return byChannel(picture, (counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return undefined;
    const scale = 255 / (high - low);
    return (value) => Math.min(Math.max(Math.trunc(value * scale - low * scale), 0), 255);
  });
}

/** Equalises the histogram of each channel. */
export function equalize(picture: BytePicture): BytePicture {
  return byChannel(picture, (counts) => {
    const pixels = counts.reduce((sum, count) => sum + count, 0);
    const highest = counts.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((pixels - highest) / 255);
    if (step === 0) return undefined;
    let below = Math.floor(step / 2);
    const table = counts.map((count) => {
      const level = Math.min(255, Math.floor(below / step));
      below += count;
      return level;
    });
    return (value) => table[value];
  });
}

/** Maps the levels of each channel with a map computed from its histogram. A channel without a map is not changed. */
function byChannel(
  picture: BytePicture,
  mapOf: (counts: readonly number[]) => ((value: number) => number) | undefined,
): BytePicture {
  const { pixels } = picture;
  const tables = [0, 1, 2].map((channel) => {
    const counts = new Array<number>(256).fill(0);
    for (let at = channel; at < pixels.length; at += 3) counts[pixels[at]]++;
    return tableOf(mapOf(counts) ?? ((level) => level));
  });
  return byTables(picture, tables);
}
