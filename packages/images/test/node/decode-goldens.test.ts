import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import { decodeImage, decodeModes } from '../../src/node/index.ts';

interface DecodeCase {
  readonly case: string;
  readonly file: string;
  readonly expected?: string;
  readonly tolerance?: Readonly<Record<(typeof decodeModes)[number], { max: number; mean: number } | null>>;
  readonly error?: { readonly names: readonly string[] };
  readonly trap?: number | null;
}

/** With the number of the trap that it is about, where it is about one. */
const titleOf = ({ case: name, trap }: DecodeCase): string => (trap ? `${name} (trap ${trap})` : name);

const folder = fileURLToPath(new URL('../fixtures/readers/', import.meta.url));
const cases = JSON.parse(readFileSync(`${folder}cases.json`, 'utf8')) as DecodeCase[];

/** Pixels that Pillow gives; `upright` after `ImageOps.exif_transpose`. */
describe.each(decodeModes)('decoded %s', (mode) => {
  it.each(cases.map((one) => [titleOf(one), one] as const))('%s', async (_, { file, expected, tolerance, error }) => {
    const decoding = decodeImage(`${folder}decode/${file}`, { mode });
    if (error) {
      await expect(decoding).rejects.toThrow(error.names[0]);
      return;
    }
    const { height, width, pixels } = await decoding;
    const stored = readSafetensors(readFileSync(folder + expected)).tensors.get(mode);
    expect(stored?.shape).toEqual([height, width, 3]);
    const allowed = tolerance?.[mode];
    if (!allowed) return;
    const distances = Array.from(stored?.data as Uint8Array, (level, at) => Math.abs(level - pixels[at]));
    expect(Math.max(...distances)).toBeLessThanOrEqual(allowed.max);
    expect(distances.reduce((sum, distance) => sum + distance, 0) / distances.length).toBeLessThanOrEqual(allowed.mean);
  });
});
