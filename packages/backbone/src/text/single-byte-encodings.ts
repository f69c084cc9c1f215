/** A character set of one byte a character, as programs have taken UTF-8 for it. */
export interface SingleByteEncoding {
  readonly name: string;
  /** Bytes without a character stand for the control character of their number, and U+FFFD is what byte 0x1A gives. */
  readonly isSloppy: boolean;
  /** Characters by byte; ASCII is the same in all. */
  readonly characters: readonly string[];
  /** Bytes by character. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** What windows-1252 has for 0x80 … 0x9F, in the place of Latin-1's control characters; five stay what they are. */
export const windows1252Controls = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** The upper half of the IBM PC's character set, the one that `TextDecoder` does not know. */
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

/** The encodings of Europe's languages on Windows, and Latin-1: their upper halves have letters in the same places. */
export function latinLikeEncodings(): readonly SingleByteEncoding[] {
  const latin1 = (byte: number): string => String.fromCharCode(byte);
  return [
    singleByteEncoding('latin-1', latin1, false),
    // Both by table: TextDecoder's latin1 is windows-1252, and that of some Node 20 is Latin-1.
    singleByteEncoding('windows-1252', (byte) => windows1252Controls[byte - 0x80] ?? latin1(byte), true),
    ...['1251', '1250', '1253', '1254', '1257'].map((page) => known(`windows-${page}`, true)),
  ];
}

/** All that are tried, the likeliest first. */
export function singleByteEncodings(): readonly SingleByteEncoding[] {
  return [
    ...latinLikeEncodings(),
    known('iso-8859-2', false),
    known('macintosh', false),
    singleByteEncoding('cp437', (byte) => upperCp437[byte - 0x80], false),
  ];
}

/** A text's bytes, each as the character of its number; undefined if the encoding lacks one of the characters. */
export function encodeSingleByte(text: string, { bytes }: SingleByteEncoding): string | undefined {
  let encoded = '';
  for (const character of text) {
    const byte = bytes.get(character);
    if (byte === undefined) return undefined;
    encoded += String.fromCharCode(byte);
  }
  return encoded;
}
