import { repairText } from './repair-text.ts';
import { unescapeHtml } from './unescape-html.ts';
import { whitespace } from './whitespace.ts';

const runs = new RegExp(`[${whitespace}]+`, 'gu');
/** Python also strips the four separators of ASCII. */
const ends = new RegExp(`^[${whitespace}\\u001c-\\u001f]+|[${whitespace}\\u001c-\\u001f]+$`, 'gu');

/**
 * The cleaning of OpenAI's tokenizer: wrongly decoded text repaired, HTML's character references resolved twice, runs of
 * white space as one space, none at the ends, lower case.
 */
export function cleanText(text: string): string {
  return tidy(repairText(text));
}

/** The same, but of the repair only Unicode's canonical composition. */
export function cleanTextUnrepaired(text: string): string {
  return tidy(text.normalize('NFC'));
}

function tidy(text: string): string {
  const unescaped = unescapeHtml(unescapeHtml(text));
  return unescaped.replace(ends, '').replace(runs, ' ').replace(ends, '').toLowerCase();
}

/** The cleaning of Hugging Face's tokenizer: canonical composition, runs of white space as one space, lower case. */
export function cleanTextAsHuggingFace(text: string): string {
  const collapsed = text.normalize('NFC').replace(runs, ' ');
  // Character by character: in a whole text, JavaScript gives a sigma at the end of a word its final form.
  return Array.from(collapsed, (character) => character.toLowerCase()).join('');
}
