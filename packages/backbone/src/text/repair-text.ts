import { decodeHTMLStrict } from 'entities/decode';
import { compose } from './compose.ts';
import { repairBudget, repairEncoding, replaceC1Controls } from './repair-encoding.ts';
import { unescapeHtml } from './unescape-html.ts';

const ligatures: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ Ĳ: 'IJ', ĳ: 'ij', ŉ: 'ʼn', ﬅ: 'ſt', ﬆ: 'st', ﬀ: 'ff', ﬁ: 'fi', ﬂ: 'fl', ﬃ: 'ffi', ﬄ: 'ffl' }),
  ...Object.entries({ Ǳ: 'DZ', ǲ: 'Dz', ǳ: 'dz', Ǆ: 'DŽ', ǅ: 'Dž', ǆ: 'dž' }),
  ...Object.entries({ Ǉ: 'LJ', ǈ: 'Lj', ǉ: 'lj', Ǌ: 'NJ', ǋ: 'Nj', ǌ: 'nj' }),
]);
const ligature = new RegExp(`[${[...ligatures.keys()].join('')}]`, 'gu');

/** An ampersand behind five or more references to an ampersand; `&amp;#38;` has two. */
const nestedAmpersand = /&(?:(?:amp|AMP|#0{0,22}38|#[xX]0{0,21}26);){5,}/g;

/**
 * Resolves references that end in a semicolon. Names in capitals, as in `&NTILDE;`, are accepted if they have no
 * meaning of their own.
 */
function unescapeClearHtml(text: string): string {
  // Each pass resolves one level; any number of ampersands gives the same result.
  return text.replace(nestedAmpersand, '&amp;amp;amp;amp;').replace(/&#?[0-9A-Za-z]{1,24};/g, (reference) => {
    if (reference[1] === '#') {
      const character = unescapeHtml(reference);
      return character.includes(';') ? reference : character;
    }
    const character = decodeHTMLStrict(reference);
    if (character !== reference) return character;
    const inLower = reference.toLowerCase();
    if (reference !== reference.toUpperCase() || unescapeHtml(reference) !== reference) return reference;
    const lowerCharacter = decodeHTMLStrict(inLower);
    return lowerCharacter === inLower ? reference : lowerCharacter.toUpperCase();
  });
}

/** Replaces special forms of characters by the plain characters with the same meaning. */
function plainCharacters(text: string): string {
  return text
    .replace(ligature, (character) => ligatures.get(character) as string)
    .replace(/[\uff01-\uffef\u3000]/g, (character) => character.normalize('NFKC'))
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/\r\n|[\r\u2028\u2029\u0085]/g, '\n');
}

/** Removes invisible characters: unpaired surrogates, terminal colours, control characters, the byte order mark. */
function withoutControls(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/\u001b\[[\p{Nd};]*[a-zA-Z]/gu, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\0-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, '')
  );
}

function repairLine(line: string, resolveHtml: boolean): string {
  const budget = repairBudget(line);
  let repaired = line;
  for (let before: string | undefined; before !== repaired && budget.characters > 0; ) {
    before = repaired;
    const unescaped = resolveHtml ? unescapeClearHtml(before) : before;
    repaired = compose(withoutControls(plainCharacters(replaceC1Controls(repairEncoding(unescaped, budget)))));
  }
  return repaired;
}

/**
 * Repairs damage that programs do to texts: UTF-8 decoded as another encoding, HTML character references (except from a
 * line with `<` on, which suggests real HTML), typographic quotes, Latin ligatures, full and half width, line ends, and
 * control characters. It also composes characters canonically. Each line is repaired until nothing changes, with a
 * limit on the number of passes, so the time is linear in the text.
 *
 * Source: `fix_text` of ftfy 6.3 (Speer) with its default options, which OpenAI's tokenizer calls.
 */
export function repairText(text: string): string {
  let resolveHtml = true;
  return text.replace(/[^\n]*\n|[^\n]+$/g, (line) => {
    resolveHtml &&= !line.includes('<');
    return repairLine(line, resolveHtml);
  });
}
