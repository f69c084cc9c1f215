import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteKeys } from '../src/byte-keys.ts';
import { LabelRows } from '../src/label-rows.ts';
import { PackedNames } from '../src/packed-names.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 6 }));

it('ByteKeys finds what it was given, and nothing else', () => {
  fc.assert(
    fc.property(texts, fc.string(), (keys, other) => {
      const index = new ByteKeys(keys);
      for (const [place, key] of keys.entries()) {
        const padded = bytesOf(`..${key}..`);
        expect(index.find(padded, 2, padded.length - 2)).toBe(place);
      }
      if (!keys.includes(other)) expect(index.find(bytesOf(other), 0, bytesOf(other).length)).toBe(-1);
    }),
  );
});

describe('PackedNames', () => {
  it('gives names back, and finds them where they ascend', () => {
    fc.assert(
      fc.property(texts, fc.string(), (names, other) => {
        const sorted = names.sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)));
        const packed = new PackedNames();
        for (const name of sorted) packed.push(bytesOf(`.${name}`), 1, bytesOf(name).length + 1);
        expect(Array.from(sorted, (_, i) => packed.name(i))).toEqual(sorted);
        for (const [place, name] of sorted.entries()) {
          expect(packed.find(bytesOf(name), 0, bytesOf(name).length)).toBe(place);
        }
        if (!names.includes(other)) expect(packed.find(bytesOf(other), 0, bytesOf(other).length)).toBe(-1);
      }),
    );
  });

  it('grows', () => {
    const packed = new PackedNames();
    for (let i = 0; i < 10_000; i++) packed.push(bytesOf(`image ${i}`), 0, bytesOf(`image ${i}`).length);
    expect([packed.length, packed.name(0), packed.name(9_999)]).toEqual([10_000, 'image 0', 'image 9999']);
  });
});

it('LabelRows gives rows back', () => {
  const classes = fc.uniqueArray(fc.nat(99), { maxLength: 5 }).map((list) => Int32Array.from(list).sort());
  const row = fc.record({ present: classes, absent: fc.oneof(classes, fc.constant('rest' as const)) });
  fc.assert(
    fc.property(fc.array(row), (list) => {
      const rows = new LabelRows(100);
      for (const one of list) rows.push(one);
      const labels = rows.labels();
      expect([labels.rows, labels.columns]).toEqual([list.length, 100]);
      expect(list.map((_, i) => labels.row(i))).toEqual(list);
    }),
  );
  const many = new LabelRows(2);
  for (let i = 0; i < 5_000; i++) many.push({ present: [i % 2], absent: [(i + 1) % 2] });
  expect(many.labels().row(4_999)).toEqual({ present: Int32Array.of(1), absent: Int32Array.of(0) });
});
