/** A single-byte character set that programs have mistaken UTF-8 for. */
export interface SingleByteEncoding {
  readonly name: string;
  /** Bytes without a character mean the control character with their number, and byte 0x1A means U+FFFD. */
  readonly isSloppy: boolean;
  /** Characters by byte; ASCII is the same in all sets. */
  readonly characters: readonly string[];
  /** Bytes by character. */
  readonly bytes: ReadonlyMap<string, number>;
}

/**
 * The characters of windows-1252 for 0x80 … 0x9F, where Latin-1 has control characters; five remain control characters.
 */
export const windows1252Controls = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** The upper half of the IBM PC's character set, which `TextDecoder` does not know. */
const upperCp437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function singleByteEncoding(name: string, upper: (byte: number) => string, isSloppy: boolean): SingleByteEncoding {
  const characters = Array.from({ length: 256 }, (_, byte) => {
    if (byte >= 0x80) return upper(byte);
    return isSloppy && byte === 0x1a ? '\ufffd' : String.fromCharCode(byte);
  });
  return { name, isSloppy, characters, bytes: new Map(characters.map((character, byte) => [character, byte])) };
}

function known(name: string, isSloppy: boolean): SingleByteEncoding {
  const decoder = new TextDecoder(name);
  const upper = (byte: number): string => {
    const character = decoder.decode(Uint8Array.of(byte));
    return character === '\ufffd' ? String.fromCharCode(byte) : character;
  };
  return singleByteEncoding(name, upper, isSloppy);
}

/** European Windows encodings and Latin-1, whose upper halves have letters at the same positions. */
export function latinLikeEncodings(): readonly SingleByteEncoding[] {
  const latin1 = (byte: number): string => String.fromCharCode(byte);
  return [
    singleByteEncoding('latin-1', latin1, false),
    // Both by table, because TextDecoder's latin1 is windows-1252, except in some versions of Node 20.
    singleByteEncoding('windows-1252', (byte) => windows1252Controls[byte - 0x80] ?? latin1(byte), true),
    ...['1251', '1250', '1253', '1254', '1257'].map((page) => known(`windows-${page}`, true)),
  ];
}

/** All encodings to try, the most likely first. */
export function singleByteEncodings(): readonly SingleByteEncoding[] {
  return [
    ...latinLikeEncodings(),
    known('iso-8859-2', false),
    known('macintosh', false),
    singleByteEncoding('cp437', (byte) => upperCp437[byte - 0x80], false),
  ];
}

/** The bytes of a text, one character per byte; undefined if the encoding lacks one of its characters. */
export function encodeSingleByte(text: string, { bytes }: SingleByteEncoding): string | undefined {
  let encoded = '';
  for (const character of text) {
    const byte = bytes.get(character);
    if (byte === undefined) return undefined;
    encoded += String.fromCharCode(byte);
  }
  return encoded;
}
