import { expect, it } from 'vitest';
import { firstWords, noteOnTexts, unreadWords } from '../src/parts/unread-words.ts';

it('names the words that tiny-clip has never seen, each once', () => {
  expect(unreadWords(['Red three', 'green seven'])).toEqual([]);
  expect(unreadWords(['cat', 'big cat', 'Größe', '★'])).toEqual(['cat', 'big', 'größe', '★']);
  expect(firstWords('abcdefghij'.split(''))).toBe('a, b, c, d, e, f, g, h, …');
});

it('says so of methods that have their classes read by it', () => {
  const method = (more: object) => ({ name: 'sarb', preset: 'sarb', options: {}, ...more });
  const [own, other] = [{ name: 'tiny-clip' }, { name: 'clip', encoder: 'clip_rn50' }];
  const classes = ['red one', 'cat'];
  expect(noteOnTexts(method({ classEmbeddings: own }), classes)).toMatch(/never seen cat: .*method\.classEmbeddings$/);
  expect(noteOnTexts(method({ clip: own }), classes)).toMatch(/method\.clip$/);
  for (const quiet of [{}, { classEmbeddings: other }, { clip: { ...own, weights: 'mine.safetensors' } }]) {
    expect(noteOnTexts(method(quiet), classes)).toBeUndefined();
  }
  expect(noteOnTexts(method({ classEmbeddings: other, clip: own }), classes)).toBeUndefined();
  expect(noteOnTexts(method({ classEmbeddings: own }), ['blue nine'])).toBeUndefined();
});
