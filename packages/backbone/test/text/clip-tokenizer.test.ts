import { readFileSync } from 'node:fs';
import { DataError, OptionError } from '@ltml/tensor';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  byteSymbols,
  ClipTokenizer,
  parseTokenizerFile,
  tokenizerFromMerges,
  writeTokenizerFile,
} from '../../src/index.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/text/backbone/${name}`, import.meta.url), 'utf8');
const mini = fixture('tokenizer_mini.json');
const clipMerges = JSON.parse(fixture('clip_merges.json')) as string[];
const clip = new ClipTokenizer(tokenizerFromMerges(clipMerges));

/** a b joined, then ab c at the end of a word; ids: 256 + 256 byte symbols, then these two. */
const small = tokenizerFromMerges(['a b', 'ab c</w>']);
const encodeSmall = (text: string): number[] => new ClipTokenizer(small).encode(text);
const symbol = (character: string): number =>
  byteSymbols().findIndex(({ codePoint }) => codePoint === character.codePointAt(0));

afterEach(() => vi.restoreAllMocks());

test('the prompts of CPRFL and MKT have the ids of the specification', () => {
  expect(clip.encode('a photo of a person.')).toEqual([320, 1125, 539, 320, 2533, 269]);
  expect(clip.encode('There is a traffic light in the scene')).toEqual([997, 533, 320, 3399, 1395, 530, 518, 3562]);
  expect([clip.startId, clip.endId, clip.vocabulary.size]).toEqual([49406, 49407, 49408]);
});

test('merges join neighbours by rank, and the last symbol of a word is another one', () => {
  expect(encodeSmall('abc')).toEqual([513]);
  expect(encodeSmall('ab')).toEqual([symbol('a'), symbol('b') + 256]);
  expect(encodeSmall('abab')).toEqual([512, symbol('a'), symbol('b') + 256]);
  expect(encodeSmall('aabc')).toEqual([symbol('a'), 513]);
});

test('a text is parted into endings, words, single digits and runs of signs', () => {
  const tokens = (text: string): string[] => clip.encode(text).map((id) => clip.decode([id]).trim());
  expect(tokens("it's 12 o'clock!?")).toEqual(['it', "'s", '1', '2', 'o', "'", 'clock', '!?']);
  expect(tokens("we'LL")).toEqual(['we', "'ll"]);
});

test('special tokens in a text are themselves; within a run of signs Hugging Face alone sees them', () => {
  expect(clip.encode('<|endoftext|> dog')).toEqual([49407, 1929]);
  expect(clip.encode('!<|endoftext|>')).not.toContain(49407);
  expect(new ClipTokenizer(small, { cleaning: 'huggingFace' }).encode('!<|endoftext|>')).toContain(515);
});

test('decoding gives back the cleaned words', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,8}( [a-zäß犬🐶]{1,5}){0,4}$/u), (text) => {
      expect(clip.decode(clip.encode(text)).trim().replace(/ +/g, '')).toBe(text.normalize('NFC').replaceAll(' ', ''));
    }),
  );
});

test('every text has ids of the vocabulary, whatever its characters', () => {
  const tokenizer = new ClipTokenizer(small);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      for (const id of tokenizer.encode(text)) expect(id >= 0 && id < 516).toBe(true);
    }),
  );
});

describe('tokenize', () => {
  const tokenizer = (overlong: 'warn' | 'truncate' | 'refuse') =>
    new ClipTokenizer(small, { contextLength: 5, overlong });

  test('pads with zeros after the end', () => {
    const { shape, ids } = tokenizer('refuse').tokenize(['abc', '']);
    expect(shape).toEqual([2, 5]);
    expect([...ids]).toEqual([514, 513, 515, 0, 0, 514, 515, 0, 0, 0]);
  });

  test('a text of just as many tokens is whole in every mode', () => {
    expect([...tokenizer('refuse').tokenize(['abc abc abc']).ids]).toEqual([514, 513, 513, 513, 515]);
  });

  test('a longer one is cut, the last token being the end, and said so unless told not to', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect([...tokenizer('truncate').tokenize(['abc '.repeat(4)]).ids]).toEqual([514, 513, 513, 513, 515]);
    expect(warn).not.toHaveBeenCalled();
    expect([...tokenizer('warn').tokenize(['abc '.repeat(4)]).ids]).toEqual([514, 513, 513, 513, 515]);
    expect(warn.mock.calls[0][0]).toMatch(/"abc abc abc abc " has 6 tokens and is cut to 5/);
  });

  test('or it is refused', () => {
    expect(() => tokenizer('refuse').tokenize(['abc '.repeat(4)])).toThrow(expect.toSatisfy(OptionError.is));
  });
});

describe('tokenizer.json', () => {
  test('merges as pairs give what merges as text give', () => {
    const file = JSON.parse(mini);
    file.model.merges = file.model.merges.map((merge: string) => merge.split(' '));
    const [a, b] = [new ClipTokenizer(mini), new ClipTokenizer(JSON.stringify(file))];
    for (const text of ['a photo of a zebra', 'state-of-the-art']) expect(b.encode(text)).toEqual(a.encode(text));
    expect(b.vocabulary).toEqual(a.vocabulary);
  });

  test('what is written is read again', () => {
    const file = parseTokenizerFile(mini);
    const again = parseTokenizerFile(writeTokenizerFile(file));
    expect(again.merges).toEqual(file.merges);
    expect(again.vocabulary).toEqual(file.vocabulary);
  });

  test.each([
    ['no JSON', () => '{'],
    ['another model', () => mini.replace('"type":"BPE"', '"type":"WordPiece"')],
    ['no end of words', () => mini.replace('"end_of_word_suffix":"</w>"', '"end_of_word_suffix":""')],
    ['a hole in the ids', () => mini.replace('"id":1713', '"id":1714')],
    ['a merge of unknown tokens', () => mini.replace('"i n"', '"i dontexist"')],
    ['a merge of three', () => mini.replace('"i n"', '"i n g"')],
    ['null', () => 'null'],
  ])('%s is refused', (_, file) => {
    expect(() => new ClipTokenizer(file())).toThrow(expect.toSatisfy(DataError.is));
  });

  test('unknown options and impossible lengths are refused', () => {
    expect(() => new ClipTokenizer(small, { contextLength: 1 })).toThrow(expect.toSatisfy(OptionError.is));
    expect(() => new ClipTokenizer(small, { context: 5 } as never)).toThrow(/unknown option "context"/);
    expect(() => clip.decode([49408])).toThrow(expect.toSatisfy(DataError.is));
  });
});
