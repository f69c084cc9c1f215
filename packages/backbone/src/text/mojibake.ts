import { whitespace } from './whitespace.ts';

// Characters that appear when UTF-8 is decoded as another encoding, grouped by their neighbours in real texts.
const common = '\\u00a0\\u00ad·´–—―…’';
const c1 = '\\u0080-\\u009f';
/** Characters that hardly occur except in wrongly decoded text. */
const bad = '¤¦¨ª¬¯¸ºƒˆˇ˘˛˜†‡‰⌐◊\\ufffd';
const law = '§¶';
const currency = '¢£¥₧€';
const opening = '¡©«¿΄΅‘‚“„•‹\\uf8ff';
const closing = '®»˝”›™';
const numeric = '±-³µ¹¼-¾×÷⁄№∂∆∏∑√∞∩∫≈≠≡≤≥';
/** Letters and a sign that occur in text faces, as in (°Ö°), also next to box characters. */
const faces = '°Ò-ÖÙ-Üò-öø-üŌŐŪŲ';
const upper = 'À-ÑØÜÝĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ';
const lower = 'ß-ñüāăąćčďđēėęěğģīįķĺļľłœŕśşšťźżžґﬁﬂ';
/** Greek and Cyrillic letters and thorn, which normally occur at the beginning and end of words. */
const upperElsewhere = 'ÞΆΈ-ΊΌΎΏΑ-ΫЁ-Я';
const lowerElsewhere = 'ά-ωа-џ';
const box = '│┌┐┘├┤┬┼═-╬▀▄█▌▐-▓';

const space = `[${whitespace}\\u001c-\\u001f]`;
const arabicPair = `[ØÙ][${common}${currency}${bad}${numeric}${opening}ŸŠ®°µ»]`;

/** Sequences that hardly ever occur in correctly decoded text. */
const suspicious = [
  `[${c1}]`,
  `[${bad}${lower}${upper}${box}${opening}${closing}${currency}${numeric}${law}][${bad}]`,
  `[a-zA-Z][${lowerElsewhere}${upperElsewhere}][${bad}]`,
  `[${bad}][${lower}${upper}${box}${opening}${closing}${currency}${numeric}${law}]`,
  `[${lower}${lowerElsewhere}${box}${closing}${currency}${numeric}][${upper}]`,
  `[${box}${closing}${currency}${numeric}][${lower}]`,
  `[${lower}${box}${closing}][${currency}]`,
  `${space}[${upper}][${currency}]`,
  `[${upper}${box}][${numeric}${law}]`,
  `[${lower}${upper}${box}${currency}${closing}][${opening}][${numeric}]`,
  `[${lower}${upper}${currency}${numeric}${box}${law}][${closing}][${opening}]`,
  `[${currency}${numeric}${box}][${opening}]`,
  `[a-z][${upper}][${opening}${currency}]`,
  `[${box}][${faces}]`,
  `[${lower}${upper}${currency}${numeric}${opening}${closing}${law}][${box}]`,
  `[${box}][${closing}]`,
  `[${lower}${upper}][${opening}${closing}][\\p{L}\\p{N}_]`,
  '[Œœ][^A-Za-z]',
  `[${upper}]°`,
  // Decoded as windows-1252: Latin-1's upper half, multiplication of powers, Arabic, South Asian scripts.
  `[ÂÃÎÐ][€œŠš¢£Ÿž\\u00a0\\u00ad®©°·»${opening}${closing}–—´]`,
  '×[²³]',
  `${arabicPair}${arabicPair}`,
  'à[²µ¹¼½¾]',
  'Ã[\\u00a0¡]',
  `[a-z]${space}?[ÃÂ] `,
  '^[ÃÂ] ',
  `[a-z.,?!${closing}]Â[ ${opening}${closing}]`,
  // Decoded as MacRoman.
  '√[±∂†≠®™´≤≥¥µø]',
  '≈[°¢]',
  '‚Ä[ìîïòôúùû†°¢π]',
  '‚[âó][àä°ê]',
  // Decoded as windows-1251: general punctuation, Cyrillic, Latin-1, and Latin-1 that was decoded as Latin-1 before.
  'вЂ',
  `[ВГРС][${c1}${bad}${opening}${closing}${currency}°µ][ВГРС]`,
  'ГўВЂВ.[A-Za-z ]',
  // Decoded as windows-1253: general punctuation, Greek and Latin-1.
  'β€[™\\u00a0Ά\\u00ad®°]',
  `[ΒΓΞΟ][${c1}${bad}${opening}${closing}${currency}°][ΒΓΞΟ]`,
  // Decoded as windows-1257: general punctuation.
  'ā€',
];

const mojibake = new RegExp(suspicious.join('|'), 'u');

/**
 * Whether a text contains a sequence of characters that comes from wrong decoding and that people do not write.
 *
 * Source: the character classes and their unlikely neighbours are those of ftfy 6.3 (Speer), which OpenAI's code uses.
 */
export function looksWronglyDecoded(text: string): boolean {
  return mojibake.test(text);
}
