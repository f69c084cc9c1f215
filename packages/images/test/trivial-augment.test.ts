import { readFileSync } from 'node:fs';
import { OptionError, RandomStream, readSafetensors } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import type { BytePicture } from '../src/picture.ts';
import { nearestly } from '../src/rand-augment/geometry.ts';
import {
  trivialAugmentOperations as operations,
  strengthOf,
  type TrivialAugmentName,
  trivialAugment,
} from '../src/rand-augment/trivial-augment.ts';

/** Pictures `in.HxW`, and what torchvision 0.29.2 (Pillow 13.0.0) makes of them, `out.HxW.operation.level.sign`. */
const stored = readSafetensors(
  readFileSync(new URL('fixtures/torchvision/trivial-augment.safetensors', import.meta.url)),
).tensors;

function pictureOf(name: string): BytePicture {
  const { shape, data } = stored.get(name) ?? { shape: [], data: undefined };
  return { height: shape[0], width: shape[1], pixels: Uint8Array.from(data as Uint8Array) };
}

describe('the operations of TrivialAugment', () => {
  const names = [...stored.keys()].filter((name) => name.startsWith('out'));

  it('are all stored', () => {
    expect(new Set(names.map((name) => name.split('.')[2]))).toEqual(new Set(Object.keys(operations)));
  });

  it.each(names)('%s equals torchvision', (name) => {
    const [, size, operation, level, sign] = name.split('.');
    const { apply } = operations[operation as TrivialAugmentName];
    const strength = Number(sign) * strengthOf(operations[operation as TrivialAugmentName], Number(level) / 30);
    const made = apply(pictureOf(`in.${size}`), strength, nearestly([0, 0, 0]));
    expect(made).toEqual(pictureOf(name));
  });
});

describe('trivialAugment', () => {
  const picture = pictureOf('in.11x14');

  it('does one operation at one level, and repeats itself for a seed', () => {
    const names = Object.keys(operations) as TrivialAugmentName[];
    for (const [i, name] of names.entries()) {
      const draws = [i, 30, 0];
      const random = Object.assign(new RandomStream(0), { integer: () => draws.shift() });
      const strength = strengthOf(operations[name], 1);
      expect(trivialAugment()(picture, random)).toEqual(
        operations[name].apply(picture, strength, nearestly([0, 0, 0])),
      );
    }
    const again = [1, 2].map(() => trivialAugment()(picture, new RandomStream(7)).pixels);
    expect(again[0]).toEqual(again[1]);
  });

  it('does nothing without a stream, and rounds floats to levels', () => {
    expect(trivialAugment()(picture)).toBe(picture);
    const floats = { ...picture, pixels: Float32Array.from(picture.pixels, (level) => level + 0.2) };
    expect(trivialAugment()(floats, new RandomStream(3))).toEqual(trivialAugment()(picture, new RandomStream(3)));
  });

  it('shows its fill beyond the border', () => {
    const draws = [3, 30, 1];
    const random = Object.assign(new RandomStream(0), { integer: () => draws.shift() });
    const { pixels } = trivialAugment({ fill: [9, 8, 7] })(picture, random);
    expect([...new Set(pixels)]).toEqual([9, 8, 7]);
  });

  it('refuses levels and fills that are none', () => {
    for (const levels of [1, 2.5, Number.NaN, '31']) {
      expect(() => trivialAugment({ levels } as never)).toThrow(expect.toSatisfy(OptionError.is));
    }
    for (const fill of [[0, 0], [0, 0, 256], [0, -1, 0], 'black', null]) {
      expect(() => trivialAugment({ fill } as never), JSON.stringify(fill)).toThrow(expect.toSatisfy(OptionError.is));
    }
    expect(() => trivialAugment({ level: 3 } as never)).toThrow(/level/);
  });
});
