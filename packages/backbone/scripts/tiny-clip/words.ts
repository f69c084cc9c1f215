import { tokenizerFromMerges, writeTokenizerFile } from '../../src/text/tokenizer-file.ts';

/**
 * Words that become one token each. Merges build a word from its first letter on; longer words come first, since a pair of
 * a shorter one within them (`re` of `red` in `three`) would otherwise be joined too early.
 */
const words = [
  ...['picture', 'digits', 'number', 'green', 'three', 'seven', 'eight', 'photo', 'scene', 'there', 'digit', 'image'],
  ...[
    'zero',
    'four',
    'five',
    'nine',
    'blue',
    'with',
    'some',
    'one',
    'two',
    'six',
    'red',
    'and',
    'the',
    'of',
    'in',
    'is',
  ],
];

/** The text of tiny-clip's `tokenizer.json`: bytes, and the words of its captions. */
export function tinyTokenizerFile(): string {
  const merges = new Set(words.flatMap(mergesOf));
  return writeTokenizerFile(tokenizerFromMerges([...merges]));
}

/** `red`: `r e`, `re d</w>`. */
function mergesOf(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, i) => {
    const isLast = i === word.length - 2;
    return `${word.slice(0, i + 1)} ${word[i + 1]}${isLast ? '</w>' : ''}`;
  });
}
