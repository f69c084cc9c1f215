import { embedByWordVectors } from '@ltml/backbone';
import { DataError, OptionError } from '@ltml/tensor';
import { expect, test } from 'vitest';

const file = ['the 9 9 9', 'red 1 2 -3e-1', 'three 3 0 0.5', 'traffic 1 1 1', 'light 0 0 0', 'red 7 7 7', 'cat 5 5'];

test('takes the mean of the words of a name, in lower case, and the first vector of a word', async () => {
  const { shape, data } = await embedByWordVectors(['Red', 'red three', 'traffic_light'], file);
  expect(shape).toEqual([3, 3]);
  const expected = [1, 2, -0.3, 2, 1, 0.1, 0.5, 0.5, 0.5].map(Math.fround);
  for (const [i, value] of expected.entries()) expect(Number(data[i])).toBeCloseTo(value, 6);
});

test('passes over the first line of word2vec, but not over a word that is a number', async () => {
  expect((await embedByWordVectors(['7'], ['2 3', '7 1 2 3'])).data).toEqual(Float32Array.of(1, 2, 3));
  expect((await embedByWordVectors(['7'], ['7 1 2 3'])).data).toEqual(Float32Array.of(1, 2, 3));
});

test('stops reading at the last word it needs', async () => {
  let read = 0;
  function* lines() {
    for (const line of file) {
      read++;
      yield line;
    }
  }
  await embedByWordVectors(['three'], lines());
  expect(read).toBe(3);
});

test('lists all words that are missing, and refuses lines that are not of the format', async () => {
  await expect(embedByWordVectors(['red owl', 'eel'], file)).rejects.toThrow(/none for owl, eel in 7 lines/);
  await expect(embedByWordVectors(['red cat'], file)).rejects.toThrow(/line 7 should be a word and 3 numbers/);
  await expect(embedByWordVectors(['x'], ['x 1 nan'])).rejects.toThrow(expect.toSatisfy(DataError.is));
  await expect(embedByWordVectors([' '], file)).rejects.toThrow(expect.toSatisfy(OptionError.is));
});
