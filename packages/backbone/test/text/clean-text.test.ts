import { expect, test } from 'vitest';
import { cleanText, cleanTextAsHuggingFace, cleanTextUnrepaired } from '../../src/text/clean-text.ts';
import { unescapeHtml } from '../../src/text/unescape-html.ts';

test.each([
  // Values of Python's html.unescape.
  ['&lt;&#62;&#x3e&amp', '<>>&'],
  ['&notit; &notin; &hellip; &uuml &uumlx', '¬it; ∉ … ü üx'],
  ['&nothing; & &; &#; &#x; &#xg;', '¬hing; & &; &#; &#x; &#xg;'],
  ['&#128;&#x99;&#129;', '€™\u0081'],
  ['&#0;&#xd800;&#x110000;&#99999999999;', '\ufffd\ufffd\ufffd\ufffd'],
  ['a&#1;b&#x7f;c&#xfffe;d&#xfdd0;e&#13;f&#9;', 'abcde\rf\t'],
  ['&CounterClockwiseContourIntegral;', '∳'],
])('%j reads %j', (text, expected) => {
  expect(unescapeHtml(text)).toBe(expected);
});

test('cleaning resolves references twice, composes, lowers and leaves one space between words', () => {
  expect(cleanText('  A &amp;amp; B\u2029\u3000Cafe\u0301 \u001f')).toBe('a & b café');
});

test('without repair, a byte order mark is no white space; a sigma is final at the end of a word', () => {
  expect(cleanTextUnrepaired('\ufeffΟΔΟΣ')).toBe('\ufeffοδος');
  expect(cleanText('\ufeffΟΔΟΣ')).toBe('οδος');
});

test('wrongly decoded text and typographic signs are repaired, but for those who do not want it', () => {
  expect(cleanText('SchÃ¶n “it’s”')).toBe('schön "it\'s"');
  expect(cleanTextUnrepaired('SchÃ¶n “it’s”')).toBe('schã¶n “it’s”');
});

test("Hugging Face's cleaning resolves nothing, keeps the ends and lowers each character by itself", () => {
  expect(cleanTextAsHuggingFace(' A &amp;  ΟΔΟΣ ')).toBe(' a &amp; οδοσ ');
});
