import { readFileSync } from 'node:fs';
import { RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { ClipTokenizer } from '../../src/index.ts';
import { compose } from '../../src/text/compose.ts';
import { type RepairBudget, repairEncoding } from '../../src/text/repair-encoding.ts';
import { repairText } from '../../src/text/repair-text.ts';

const tokenizerFile = readFileSync(new URL('../../weights/tiny-clip-tokenizer.json', import.meta.url), 'utf8');
const tokenizer = new ClipTokenizer(tokenizerFile);
const size = 200_000;
const fill = (part: string): string => part.repeat(Math.ceil(size / part.length)).slice(0, size);

/** Each of them once took time that grew with the square of its length, in this code or in others'. */
const texts = {
  spaces: `a${fill(' ')}b`,
  separators: `a${fill('\u001c')}b`,
  'line ends': fill('\r\n'),
  'one word': fill('abcdefghij'),
  'one letter': fill('a'),
  digits: fill('1'),
  signs: fill('!?'),
  'special tokens': fill('<|endoftext|>'),
  'ampersands of ampersands': `&${fill('amp;')}lt;`,
  'in capitals': `&${'AMP;'.repeat(size / 4)}lt;`,
  'by number': `&${'#38;'.repeat(size / 4)}lt;`,
  'of full width': `&${'#65286;'.repeat(size / 8)}lt;`,
  'references within references': `&#11${'&#5'.repeat(size / 5)}0;${';'.repeat(size / 5)}`,
  'unfinished references': fill('&#'),
  'a long number': `&#${fill('1')}`,
  colours: fill('\u001b['),
  euro: fill('â‚¬'),
  'as MacRoman': fill('‚Äî'),
  'as Latin-1': fill('Ã©'),
  surrogates: fill('\u00ed\u00a0\u00bd\u00ed\u00b8\u0080'),
  'bytes lost': fill('Ã\u001a'),
  'marks of bytes lost': fill('Ã?'),
  'two characters a turn': `Ã${fill('ƒ')}`,
  'two characters a turn, twice misread': `Ãƒ${fill('Æ’')}`,
  'C1 controls': fill('\u0080\u0085'),
  'one mark': `e${fill('\u0301')}`,
  'two marks in turn': `e${fill('\u0301\u0323')}`,
  'marks of many classes': fill('\u0344\u0334\u0345\u0327'),
  ligatures: fill('ﬁ'),
  quotes: fill('“’'),
  emoji: fill('😀'),
};

test.each(Object.entries(texts))(
  'a text of 200,000 characters is encoded in seconds: %s',
  (_, text) => {
    const start = performance.now();
    tokenizer.encode(text);
    // Half a second at most on a machine at rest; a quadratic step takes minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
  },
  120_000,
);

test('the repair of a text that changes by two characters a turn looks at so many characters as it is allowed', () => {
  for (const length of [1000, 4000, 16_000]) {
    const budget: RepairBudget = { characters: 16 * length };
    repairEncoding(`Ã${'ƒ'.repeat(length)}`, budget);
    expect(budget.characters).toBeLessThanOrEqual(0);
    // The last turn may begin with a character left, and its parts are looked at besides.
    expect(budget.characters).toBeGreaterThan(-4 * length);
  }
});

test.each([
  [`&${'amp;'.repeat(4000)}lt;`, '<'],
  [`&${'AMP;'.repeat(4000)}lt;`, '<'],
  [`&${'#38;'.repeat(4000)}eacute;`, 'é'],
  [`&${'#x26;amp;#0038;AMP;'.repeat(1000)}copy;`, '©'],
  [`&${'amp;'.repeat(4000)}`, '&'],
])('deeply nested references come to what the last of them stands for', (text, repaired) => {
  expect(repairText(text)).toBe(repaired);
});

test('long runs of marks are composed as Unicode does', () => {
  const marks = ['\u0301', '\u0323', '\u0345', '\u0344', '\u0327', '\u0334', '\u034f', '\u0e38', '\u0f73', '\u0903'];
  marks.push('\u20e3', '\u3099', '\u{1d165}', '\u{1d16e}', '\u0653', '\u05b0', '\u302a');
  const random = new RandomStream(5);
  for (let round = 0; round < 2000; round++) {
    const run = Array.from({ length: random.integer(80) }, () => marks[random.integer(marks.length)]).join('');
    const text = `${'aéが '[random.integer(4)]}${run}e\u0301`;
    expect(compose(text)).toBe(text.normalize('NFC'));
  }
});
