import { expect, test } from 'vitest';
import { CPythonRandom, CPythonSet } from '../src/cpython.ts';

// Expected values are from CPython 3.11.

function setOf(values: readonly number[]): CPythonSet {
  const set = new CPythonSet();
  for (const value of values) set.add(value);
  return set;
}

test('colliding members are listed in the order of their slots', () => {
  const set = setOf([3, 11, 19]);
  expect(Array.from(set.list())).toEqual([11, 19, 3]);
  // A difference with nothing inserts again, in listed order.
  expect(Array.from(set.without(new CPythonSet()))).toEqual([19, 3, 11]);
  expect(Array.from(setOf([900, 3, 11, 19, 27]).without(setOf([11])))).toEqual([19, 27, 3, 900]);
});

test('order after growth, deletions and insertions, and both ways to take a difference', () => {
  const values = Array.from({ length: 60 }, (_, i) => (i * 7919) % 1009);
  const set = setOf(values);
  for (let i = 0; i < 60; i += 3) set.delete(values[i]);
  for (const value of [5, 13, 8, 1000]) set.add(value);
  const listed = [
    513, 517, 5, 8, 393, 397, 13, 149, 790, 25, 794, 666, 29, 670, 422, 426, 302, 943, 947, 54, 58, 699, 703, 575, 579,
    331, 972, 335, 976, 207, 211, 852, 856, 608, 484, 488, 1000, 240, 881, 244, 885, 116, 120, 761,
  ];
  expect(Array.from(set.list())).toEqual(listed);
  expect(set.size).toBe(44);
  const many = setOf(values.filter((_, i) => i % 2 === 1 && i < 40));
  expect(Array.from(set.without(many))).toEqual([
    513, 5, 8, 13, 397, 149, 790, 25, 666, 794, 670, 422, 943, 54, 58, 575, 703, 579, 331, 972, 207, 976, 852, 484, 488,
    1000, 240, 881, 116, 885, 761,
  ]);
  const few = setOf([values[1], values[2]]);
  expect(Array.from(set.without(few))).toEqual(listed.filter((value) => value !== values[1] && value !== values[2]));
});

test('adding twice and deleting what is not there change nothing', () => {
  const set = setOf([1, 1, 2]);
  set.delete(7);
  expect(set.size).toBe(2);
  expect(Array.from(set.list())).toEqual([1, 2]);
});

test('random.seed(0) and random.sample, from a copy and from a set of places', () => {
  const random = new CPythonRandom(0);
  const range = (start: number, end: number) => Int32Array.from({ length: end - start }, (_, i) => start + i);
  expect(Array.from(random.sample(range(100, 120), 4))).toEqual([112, 113, 101, 108]);
  expect(Array.from(random.sample(range(0, 1000), 6))).toEqual([988, 523, 497, 414, 940, 802]);
  expect(Array.from(random.sample(range(0, 60), 10))).toEqual([53, 19, 30, 22, 37, 13, 32, 8, 18, 52]);
});
