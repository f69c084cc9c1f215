import { whitespace } from './whitespace.ts';

// The characters that UTF-8 turns into when it is read as something else, by the company that they keep in real texts.
const common = '\\u00a0\\u00ad·´–—―…’';
const c1 = '\\u0080-\\u009f';
/** Next to no use outside of wrongly decoded text. */
const bad = '¤¦¨ª¬¯¸ºƒˆˇ˘˛˜†‡‰⌐◊\\ufffd';
const law = '§¶';
const currency = '¢£¥₧€';
const opening = '¡©«¿΄΅‘‚“„•‹\\uf8ff';
const closing = '®»˝”›™';
const numeric = '±-³µ¹¼-¾×÷⁄№∂∆∏∑√∞∩∫≈≠≡≤≥';
/** Letters and a sign that faces are made of, as in (°Ö°), and which stand next to boxes there. */
const faces = '°Ò-ÖÙ-Üò-öø-üŌŐŪŲ';
const upper = 'À-ÑØÜÝĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ';
const lower = 'ß-ñüāăąćčďđēėęěğģīįķĺļľłœŕśşšťźżžґﬁﬂ';
/** Letters of Greek and Cyrillic, and thorn, which begin and end words as often as others do. */
const upperElsewhere = 'ÞΆΈ-ΊΌΎΏΑ-ΫЁ-Я';
const lowerElsewhere = 'ά-ωа-џ';
const box = '│┌┐┘├┤┬┼═-╬▀▄█▌▐-▓';

const space = `[${whitespace}\\u001c-\\u001f]`;
const arabicPair = `[ØÙ][${common}${currency}${bad}${numeric}${opening}ŸŠ®°µ»]`;

/** What hardly ever stands side by side in a text that was decoded rightly. */
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
  // Read as windows-1252: Latin-1's upper half, multiplication of powers, Arabic, the scripts of South Asia.
  `[ÂÃÎÐ][€œŠš¢£Ÿž\\u00a0\\u00ad®©°·»${opening}${closing}–—´]`,
  '×[²³]',
  `${arabicPair}${arabicPair}`,
  'à[²µ¹¼½¾]',
  'Ã[\\u00a0¡]',
  `[a-z]${space}?[ÃÂ] `,
  '^[ÃÂ] ',
  `[a-z.,?!${closing}]Â[ ${opening}${closing}]`,
  // Read as MacRoman.
  '√[±∂†≠®™´≤≥¥µø]',
  '≈[°¢]',
  '‚Ä[ìîïòôúùû†°¢π]',
  '‚[âó][àä°ê]',
  // Read as windows-1251: general punctuation, Cyrillic and Latin-1, and the latter read as Latin-1 before.
  'вЂ',
  `[ВГРС][${c1}${bad}${opening}${closing}${currency}°µ][ВГРС]`,
  'ГўВЂВ.[A-Za-z ]',
  // Read as windows-1253: general punctuation, Greek and Latin-1.
  'β€[™\\u00a0Ά\\u00ad®°]',
  `[ΒΓΞΟ][${c1}${bad}${opening}${closing}${currency}°][ΒΓΞΟ]`,
  // Read as windows-1257: general punctuation.
  'ā€',
];

const mojibake = new RegExp(suspicious.join('|'), 'u');

/**
 * Whether a text holds a sequence of characters that wrong decoding makes and writers do not.
 *
 * Source: the classes of characters and their unlikely neighbours are those of ftfy 6.3 (Speer), which OpenAI's code calls.
 */
export function looksWronglyDecoded(text: string): boolean {
  return mojibake.test(text);
}
