import { DataError, OptionError } from '@ltml/tensor';
import { checkLabels, classStatistics, frequencyGroups, type Labels } from '@ltml/tensor/labels';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const labels: Labels = { rows: 3, columns: 3, present: Uint8Array.of(1, 1, 0, 1, 0, 0, 0, 0, 0) };

test('counts classes and pairs, by hand', () => {
  expect(classStatistics(labels)).toEqual({
    trainCount: 3,
    classCounts: [2, 1, 0],
    cooccurrence: [
      [2, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ],
    together: [0, 1],
  });
});

test('an unknown label counts for nothing, also in pairs', () => {
  const known = Uint8Array.of(1, 0, 1, 1, 1, 1, 1, 1, 1);
  expect(classStatistics({ ...labels, known }).cooccurrence).toEqual([
    [2, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('no images, no classes', () => {
  expect(classStatistics({ rows: 0, columns: 2, present: new Uint8Array(0) }).classCounts).toEqual([0, 0]);
  expect(classStatistics({ rows: 2, columns: 0, present: new Uint8Array(0) })).toEqual({
    trainCount: 2,
    classCounts: [],
    cooccurrence: [],
  });
});

// Class 0: 2 positives among 3 known of 4 images; class 1: 1 among 2; class 2: unknown throughout.
const partly: Labels = {
  rows: 4,
  columns: 3,
  present: Uint8Array.of(1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
  known: Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0),
};

test('takes the share of positives where a class is known for its share among all images', () => {
  expect(classStatistics(partly).classCounts).toEqual([(4 * 2) / 3, 2, 0]);
  expect(classStatistics(partly, { unknown: 'negative' }).classCounts).toEqual([2, 1, 0]);
  expect(classStatistics(partly).cooccurrence).toEqual([
    [2, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ]);
});

test('estimates no more than all images, and the true counts where all labels are known', () => {
  fc.assert(
    fc.property(anyLabels, (drawn) => {
      const { rows, columns, present, known } = drawn;
      const { classCounts } = classStatistics(drawn);
      expect(classCounts.every((n) => n >= 0 && n <= rows)).toBe(true);
      const all = classStatistics({ rows, columns, present });
      expect(all.classCounts).toEqual(all.cooccurrence.map((row, i) => row[i]));
      for (const [c, n] of classCounts.entries()) {
        const labelled = Array.from({ length: rows }, (_, row) => row * columns + c).filter((at) => known[at] === 1);
        const positives = labelled.filter((at) => present[at] === 1).length;
        expect(n * labelled.length).toBeCloseTo(positives * rows, 9);
      }
    }),
    { seed: 2 },
  );
});

test('counts pairs when they are asked for: 8142 classes cost no 66 million numbers', () => {
  const columns = 8142;
  const present = new Uint8Array(columns);
  present[7] = 1;
  const before = process.memoryUsage().heapUsed;
  const { classCounts } = classStatistics({ rows: 1, columns, present });
  expect(classCounts[7]).toBe(1);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
});

test('names two classes of an image exactly where the pairs have some', () => {
  fc.assert(
    fc.property(anyLabels, (drawn) => {
      const { together, cooccurrence } = classStatistics(drawn);
      const several = cooccurrence.some((row, i) => row.some((images, j) => i !== j && images > 0));
      expect(together !== undefined).toBe(several);
      if (together) expect(cooccurrence[together[0]][together[1]]).toBeGreaterThan(0);
    }),
    { seed: 3 },
  );
});

test('keeps the names of classes, and is plain in JSON', () => {
  const named = classStatistics(partly, { classNames: ['cat', 'dog', 'eel'] });
  expect(named.classNames).toEqual(['cat', 'dog', 'eel']);
  expect(JSON.parse(JSON.stringify(named)).cooccurrence[0]).toEqual([2, 1, 0]);
  expect(() => classStatistics(partly, { classNames: ['cat'] })).toThrow(/names of 3 classes, got 1/);
  expect(() => classStatistics(partly, { unknown: 'absent' as 'negative' })).toThrow(/one of ignore, negative/);
  expect(() => classStatistics(partly, { unknwon: 'negative' } as object)).toThrow(/unknown, classNames/);
});

const anyLabels = fc.record({ rows: fc.nat(6), columns: fc.nat(5) }).chain(({ rows, columns }) => {
  const bits = fc.uint8Array({ minLength: rows * columns, maxLength: rows * columns, max: 1 });
  return fc.record({ rows: fc.constant(rows), columns: fc.constant(columns), present: bits, known: bits });
});

test('the co-occurrence is Yᵀ Y over the known labels', () => {
  fc.assert(
    fc.property(anyLabels, (drawn) => {
      const { rows, columns, present, known } = drawn;
      const { cooccurrence, classCounts } = classStatistics(drawn, { unknown: 'negative' });
      const y = (row: number, c: number) => present[row * columns + c] * known[row * columns + c];
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j < columns; j++) {
          let both = 0;
          for (let row = 0; row < rows; row++) both += y(row, i) * y(row, j);
          expect(cooccurrence[i][j]).toBe(both);
        }
        expect(classCounts[i]).toBe(cooccurrence[i][i]);
      }
    }),
    { seed: 2 },
  );
});

test('head from 100, tail below 20, medium between', () => {
  expect(frequencyGroups([100, 99, 20, 19, 0, 5000])).toEqual({ head: [0, 5], medium: [1, 2], tail: [3, 4] });
  const { head, medium, tail } = frequencyGroups([100, 101, 20, 21], { headFrom: 101, tailBelow: 21 });
  expect({ head, medium, tail }).toEqual({ head: [1], medium: [0, 3], tail: [2] });
});

test('every class is in one group', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300)), (counts) => {
      const { head, medium, tail } = frequencyGroups(counts);
      expect([...head, ...medium, ...tail].sort((a, b) => a - b)).toEqual(counts.map((_, i) => i));
    }),
    { seed: 2 },
  );
});

test('refuses borders in the wrong order and unknown options', () => {
  expect(() => frequencyGroups([1], { headFrom: 5, tailBelow: 6 })).toThrow(OptionError);
  expect(() => frequencyGroups([1], { head: 5 } as object)).toThrow(/headFrom, tailBelow.*"head"/);
  for (const bad of [Number.NaN, -1, Infinity]) {
    expect(() => frequencyGroups([1], { headFrom: bad })).toThrow(OptionError);
    expect(() => frequencyGroups([1], { tailBelow: bad })).toThrow(OptionError);
    expect(() => frequencyGroups([1, bad])).toThrow(/classCounts\[1\]/);
  }
});

test('refuses a length that does not fit and entries but 0 and 1, by row and class', () => {
  expect(() => checkLabels('f', { rows: 2, columns: 2, present: new Uint8Array(3) })).toThrow(
    'f: labels.present should be 2 × 2 = 4 entries long, got 3 entries',
  );
  expect(() =>
    classStatistics({ ...labels, present: Uint8Array.from({ length: 9 }, (_, i) => (i === 5 ? 255 : 0)) }),
  ).toThrow(/labels.present should be 0 or 1 everywhere, got 255 at \[1,2\]\. Mark unknown labels in `known`/);
  expect(() => classStatistics({ ...labels, known: new Uint8Array(9).fill(2) })).toThrow(DataError);
});

test('refuses what is no 0 or 1 in any kind of array, and sizes that are none', () => {
  const bad = [
    Int8Array.of(0, -1),
    [0, 0.5],
    [0, Number.NaN],
    Int16Array.of(1, 257),
    [1, true],
    ['0', 1],
    [1, undefined],
  ];
  for (const values of bad) {
    const present = values as unknown as Uint8Array;
    expect(() => checkLabels('f', { rows: 1, columns: 2, present })).toThrow(/present should be 0 or 1.*\[0,[01]\]/);
    const mask = { rows: 2, columns: 1, present: new Uint8Array(2), known: present };
    expect(() => checkLabels('f', mask)).toThrow(/known should be 0 or 1.*\[[01],0\]/);
  }
  for (const rows of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => checkLabels('f', { rows, columns: rows, present: new Uint8Array(rows === -1 ? 1 : 0) })).toThrow(
      /labels\.rows should be a whole number/,
    );
    expect(() => checkLabels('f', { rows: 0, columns: rows, present: new Uint8Array(0) })).toThrow(/labels\.columns/);
  }
  expect(() => checkLabels('f', { rows: 1, columns: 1 } as Labels)).toThrow(/1 × 1 = 1 entries long, got undefined/);
  checkLabels('f', { rows: 0, columns: 3, present: new Uint8Array(0) });
  checkLabels('f', { rows: 1, columns: 2, present: [0, 1] as unknown as Uint8Array });
});
