import { compose } from './compose.ts';
import { repairText } from './repair-text.ts';
import { unescapeHtml } from './unescape-html.ts';
import { whitespace } from './whitespace.ts';

const runs = new RegExp(`[${whitespace}]+`, 'gu');
/** Python also strips the four ASCII separators. */
const atEnds = new RegExp(`[${whitespace}\\u001c-\\u001f]`, 'u');

/** By position from both ends: a regular expression would start again at each character of a run of spaces. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && atEnds.test(text[start])) start++;
  while (end > start && atEnds.test(text[end - 1])) end--;
  return text.slice(start, end);
}

/**
 * Cleans text like OpenAI's tokenizer: repairs wrongly decoded text, resolves HTML character references twice, turns
 * white space into single spaces, strips the ends, and converts to lower case.
 */
export function cleanText(text: string): string {
  return tidy(repairText(text));
}

/** Like {@link cleanText}, but instead of the repair only Unicode's canonical composition. */
export function cleanTextUnrepaired(text: string): string {
  return tidy(compose(text));
}

function tidy(text: string): string {
  const unescaped = unescapeHtml(unescapeHtml(text));
  return strip(strip(unescaped).replace(runs, ' ')).toLowerCase();
}

/** Cleans text like Hugging Face's tokenizer: canonical composition, single spaces, lower case. */
export function cleanTextAsHuggingFace(text: string): string {
  const collapsed = compose(text).replace(runs, ' ');
  // Character by character: in a whole text, JavaScript gives a sigma at the end of a word its final form.
  return Array.from(collapsed, (character) => character.toLowerCase()).join('');
}
