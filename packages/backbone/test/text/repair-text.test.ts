import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repairText } from '../../src/text/repair-text.ts';

const file = new URL('../fixtures/text/repair/repair-text.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly (readonly [string, string])[] };

/** UTF-8 read as Latin-1. */
const misread = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

test('texts are repaired as ftfy repairs them: ten encodings, twice misread, in part, with bytes lost, HTML, signs', () => {
  expect(cases.length).toBeGreaterThan(400);
  expect(cases.map(([text]) => repairText(text))).toEqual(cases.map(([, repaired]) => repaired));
});

test.each([
  ['schÃ¶n', 'schön'],
  ['sch\u00c3\u0192\u00c2\u00b6n', 'schön'],
  ['â€œquotedâ€\u009d itâ€™s', '"quoted" it\'s'],
  ['voilÃ  le travail', 'voilà le travail'],
  ['ÐŸÑ€Ð¸Ð²ÐµÑ‚', 'Привет'],
  ['P&EACUTE;REZ &nTILDE;', 'PÉREZ &nTILDE;'],
  ['&lt;b&gt; <b>\n&amp;', '&lt;b&gt; <b>\n&amp;'],
  ['ＬＯＵＤ　ｎｏｉｓｅ ﬁsh ǆ', 'LOUD noise fish dž'],
  ['\ufeffa\u0000b\u001b[1mc\r\nd', 'abc\nd'],
])('%j becomes %j', (text, repaired) => {
  expect(repairText(text)).toBe(repaired);
});

test.each([
  'naïve café',
  'Ångström Å',
  'ÇA VA, NOËL ?',
  '(°Ö°) ½ × 2³',
  'Россия и Україна',
  'Ελλάδα',
  '日本語 – 한국어',
])('%j is left as it is', (text) => expect(repairText(text)).toBe(text));

test('words in Latin letters with accents come back from being misread, once or twice', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}[éüñçøå][a-z]{1,6}$/u);
  fc.assert(
    fc.property(word, (text) => {
      expect(repairText(misread(text))).toBe(text);
      expect(repairText(misread(misread(text)))).toBe(text);
    }),
  );
});

test('a repaired text is repaired for good, whatever its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      const repaired = repairText(text);
      expect(repairText(repaired)).toBe(repaired);
    }),
  );
});
