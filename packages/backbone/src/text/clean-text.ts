import { unescapeHtml } from './unescape-html.ts';

/**
 * Unicode's white space. Not JavaScript's `\s`, which has the byte order mark and lacks U+0085; texts would be cut in
 * other places than by Python and Rust.
 */
export const whitespace = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const runs = new RegExp(`[${whitespace}]+`, 'gu');
/** Python also strips the four separators of ASCII. */
const ends = new RegExp(`^[${whitespace}\\u001c-\\u001f]+|[${whitespace}\\u001c-\\u001f]+$`, 'gu');

/**
 * The cleaning of OpenAI's tokenizer less `ftfy`'s repair of wrongly decoded text: Unicode's canonical composition, HTML's
 * character references resolved twice, runs of white space as one space, none at the ends, lower case.
 */
export function cleanText(text: string): string {
  const unescaped = unescapeHtml(unescapeHtml(text.normalize('NFC')));
  return unescaped.replace(ends, '').replace(runs, ' ').replace(ends, '').toLowerCase();
}

/** The cleaning of Hugging Face's tokenizer: canonical composition, runs of white space as one space, lower case. */
export function cleanTextAsHuggingFace(text: string): string {
  const collapsed = text.normalize('NFC').replace(runs, ' ');
  // Character by character: in a whole text, JavaScript gives a sigma at the end of a word its final form.
  return Array.from(collapsed, (character) => character.toLowerCase()).join('');
}
