import { looksWronglyDecoded } from './mojibake.ts';
import {
  encodeSingleByte,
  latinLikeEncodings,
  type SingleByteEncoding,
  singleByteEncodings,
  windows1252Controls,
} from './single-byte-encodings.ts';

// Bytes are stored as strings here, one character per byte, so that regular expressions can search them.

/**
 * UTF-8 whose byte 0xA0, a no-break space in Latin-1, became a plain space. Only lead bytes of likely letters count.
 */
const spacedUtf8 = new RegExp(
  [
    '[\\xc2\\xc3\\xc5\\xce\\xd0\\xd9] ',
    '[\\xe2\\xe3] [\\x80-\\x84\\x86-\\x9f\\xa1-\\xbf]',
    '[\\xe0-\\xe3][\\x80-\\x84\\x86-\\x9f\\xa1-\\xbf] ',
    '\\xf0 [\\x80-\\xbf]{2}',
    '\\xf0[\\x80-\\xbf] [\\x80-\\xbf]',
    '\\xf0[\\x80-\\xbf]{2} ',
  ].join('|'),
  'g',
);

/** A separate word `à` whose second byte was merged with the following space. Not Portuguese `às`, `àquele` … */
const aGrave = /\xc3 (?! |quele|quela|quilo|s )/g;

/** UTF-8 with lost continuation bytes: 0x1A, or a single question mark. */
const lossyUtf8 = new RegExp(
  [
    '[\\xc2-\\xdf]\\x1a',
    '[\\xc2\\xc3]\\?',
    '\\xed[\\xa0-\\xaf][\\x1a?]\\xed[\\xb0-\\xbf][\\x1a?\\x80-\\xbf]',
    '\\xed[\\xa0-\\xaf][\\x1a?\\x80-\\xbf]\\xed[\\xb0-\\xbf][\\x1a?]',
    '[\\xe0-\\xef][\\x1a?][\\x1a\\x80-\\xbf]',
    '[\\xe0-\\xef][\\x1a\\x80-\\xbf][\\x1a?]',
    '[\\xf0-\\xf4][\\x1a?][\\x1a\\x80-\\xbf]{2}',
    '[\\xf0-\\xf4][\\x1a\\x80-\\xbf][\\x1a?][\\x1a\\x80-\\xbf]',
    '[\\xf0-\\xf4][\\x1a\\x80-\\xbf]{2}[\\x1a?]',
    '\\x1a',
  ].join('|'),
  'g',
);

/** A character beyond U+FFFF as two surrogates of three bytes each (CESU-8). */
const surrogatePair = /\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])/g;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Converts Java's and Oracle's variants of UTF-8 to the standard form. */
function withoutVariants(bytes: string): string {
  const joined = bytes.replace(surrogatePair, (_, ...parts: string[]) => {
    const [high, highRest, low, lowRest] = parts.slice(0, 4).map((part) => part.charCodeAt(0));
    const codePoint =
      0x10000 + ((high & 0x0f) << 16) + ((highRest & 0x3f) << 10) + ((low & 0x0f) << 6) + (lowRest & 0x3f);
    return String.fromCharCode(...new TextEncoder().encode(String.fromCodePoint(codePoint)));
  });
  return joined.replaceAll('\xc0\x80', '\0');
}

/** Encodes a text with a single-byte encoding and decodes the bytes as UTF-8; undefined if that is impossible. */
function decodeAsUtf8(text: string, encoding: SingleByteEncoding): string | undefined {
  let bytes = encodeSingleByte(text, encoding);
  if (bytes === undefined) return undefined;
  // In MacRoman an en dash followed by a space would be mistaken for such a sequence.
  if (encoding.name !== 'macintosh' && bytes.search(spacedUtf8) >= 0) {
    bytes = bytes.replace(aGrave, '\xc3\xa0 ').replace(spacedUtf8, (sequence) => sequence.replaceAll(' ', '\xa0'));
  }
  if (encoding.isSloppy) bytes = bytes.replace(lossyUtf8, '\xef\xbf\xbd');
  try {
    return utf8.decode(bytesOf(withoutVariants(bytes)));
  } catch {
    return undefined;
  }
}

/** Parts of a text that would be UTF-8 in one of the Latin-like encodings, for texts that are not UTF-8 as a whole. */
function utf8Stretches(): RegExp {
  const charactersOf = (bytes: readonly number[]): string =>
    [...new Set(latinLikeEncodings().flatMap(({ characters }) => bytes.map((byte) => characters[byte])))].join('');
  const between = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const continuation = charactersOf(between(0x80, 0xbf));
  // These characters are too common to show that a part began before them.
  const strict = Array.from(continuation)
    .filter((character) => !'–—―‘’‚“”„•…'.includes(character))
    .join('');
  const lead = (first: number, last: number): string => `[${charactersOf(between(first, last))}]`;
  const next = `[${continuation} ]`;
  const sequences = [
    `${lead(0xc2, 0xdf)}${next}`,
    `${lead(0xe0, 0xef)}${next}{2}`,
    // Among the other bytes, only these two start a character.
    `[${charactersOf([0xf0, 0xf3])}]${next}{3}`,
  ];
  return new RegExp(`(?<![${strict}])(?:${sequences.join('|')})+`, 'gu');
}

interface Tables {
  readonly encodings: readonly SingleByteEncoding[];
  readonly stretches: RegExp;
}

/** Made when the first text needs them. */
let made: Tables | undefined;
function tables(): Tables {
  made ??= { encodings: singleByteEncodings(), stretches: utf8Stretches() };
  return made;
}

/** Replaces C1 control characters by windows-1252's characters at the same positions, as browsers do. */
export function replaceC1Controls(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (control) => windows1252Controls[control.charCodeAt(0) - 0x80]);
}

/**
 * The remaining work for repairing a text. Undoing a level of wrong decoding at least halves the affected
 * part, so only a few levels are realistic. But there are texts where each pass changes only two characters.
 */
export interface RepairBudget {
  /** Number of characters that may still be processed; each pass counts the whole text. */
  characters: number;
}

/** Sixteen passes over the text; more for short texts. */
export function repairBudget(text: string): RepairBudget {
  return { characters: 16 * text.length + 1000 };
}

function repairOnce(text: string, budget: RepairBudget): string {
  budget.characters -= text.length;
  if (!looksWronglyDecoded(text)) return text;
  const { encodings, stretches } = tables();
  for (const encoding of encodings) {
    const decoded = decodeAsUtf8(text, encoding);
    if (decoded !== undefined) return decoded;
  }
  const inParts = text.replace(stretches, (part) =>
    part.length < text.length && looksWronglyDecoded(part) ? repairEncoding(part, budget) : part,
  );
  return inParts === text ? replaceC1Controls(text) : inParts;
}

/**
 * Reverses the decoding of UTF-8 as a single-byte encoding, as often as it happened and the budget allows:
 * `sch\u00c3\u00b6n` becomes `schön`.
 *
 * A text that looks wrongly decoded is encoded with each encoding that has all of its characters, and decoded as UTF-8;
 * the first success is taken. If none succeeds, parts of the text are tried separately.
 *
 * Source: the order of steps is that of ftfy 6.3 (Speer).
 */
export function repairEncoding(text: string, budget: RepairBudget): string {
  let repaired = text;
  for (let before = ''; before !== repaired && budget.characters > 0; ) {
    before = repaired;
    repaired = repairOnce(before, budget);
  }
  return repaired;
}
