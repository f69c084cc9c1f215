import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { optdigits } from '../src/optdigits.ts';
import { packLevels, unpackLevels } from '../src/optdigits-packing.ts';

test('packed levels come back', () => {
  const triples = fc.array(fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 16 }))));
  fc.assert(
    fc.property(triples, (levels) => {
      expect([...unpackLevels(packLevels(levels.flat()))]).toEqual(levels.flat());
    }),
  );
});

test('the embedded digits are the published 1,797', () => {
  const { length, pixels, digits } = optdigits();
  expect([length, pixels.length, digits.length]).toEqual([1797, 1797 * 64, 1797]);
  const counts = Array.from({ length: 10 }, (_, digit) => digits.filter((d) => d === digit).length);
  expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  expect([...pixels.subarray(0, 16)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]);
  const hash = createHash('sha256').update(pixels).update(digits).digest('hex');
  expect(hash).toBe('87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826');
});

const file = new URL('../../../../shared/data/optdigits.csv.gz', import.meta.url);
test.skipIf(!existsSync(file))(
  'the embedded digits equal ../shared/data/optdigits.csv.gz (left out where that is absent)',
  () => {
    const rows = gunzipSync(readFileSync(file)).toString().trim().split('\n');
    const { pixels, digits } = optdigits();
    expect(rows.map((row) => row.split(',').map(Number))).toEqual(
      Array.from(digits, (digit, i) => [...pixels.subarray(i * 64, (i + 1) * 64), digit]),
    );
  },
);
