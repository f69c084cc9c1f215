import { compose } from './compose.ts';
import { repairText } from './repair-text.ts';
import { unescapeHtml } from './unescape-html.ts';
import { whitespace } from './whitespace.ts';

const runs = new RegExp(`[${whitespace}]+`, 'gu');
/** Python also strips the four separators of ASCII. */
const atEnds = new RegExp(`[${whitespace}\\u001c-\\u001f]`, 'u');

/** By places from both ends: a regular expression of a run before the end begins anew at each of its characters. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && atEnds.test(text[start])) start++;
  while (end > start && atEnds.test(text[end - 1])) end--;
  return text.slice(start, end);
}

/**
 * The cleaning of OpenAI's tokenizer: wrongly decoded text repaired, HTML's character references resolved twice, runs of
 * white space as one space, none at the ends, lower case.
 */
export function cleanText(text: string): string {
  return tidy(repairText(text));
}

/** The same, but of the repair only Unicode's canonical composition. */
export function cleanTextUnrepaired(text: string): string {
  return tidy(compose(text));
}

function tidy(text: string): string {
  const unescaped = unescapeHtml(unescapeHtml(text));
  return strip(strip(unescaped).replace(runs, ' ')).toLowerCase();
}

/** The cleaning of Hugging Face's tokenizer: canonical composition, runs of white space as one space, lower case. */
export function cleanTextAsHuggingFace(text: string): string {
  const collapsed = compose(text).replace(runs, ' ');
  // Character by character: in a whole text, JavaScript gives a sigma at the end of a word its final form.
  return Array.from(collapsed, (character) => character.toLowerCase()).join('');
}
