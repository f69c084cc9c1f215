import { decodeHTML } from 'entities/decode';
import { windows1252Controls } from './single-byte-encodings.ts';

/**
 * Replaces HTML character references like Python's `html.unescape`.
 *
 * Names are those of HTML 5. Some old names need no `;`; of these the longest that starts the name counts, so `&notit;`
 * becomes `¬it;`. Numeric references may lack the `;`. 0x80 … 0x9F count as windows-1252. Zero, surrogates and numbers
 * beyond Unicode become U+FFFD; other control characters and non-characters are removed.
 */
export function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#([0-9]+)|#[xX]([0-9a-fA-F]+)|[^\t\n\f <&#;]{1,32});?/gu,
    (reference: string, decimal?: string, hexadecimal?: string) => {
      if (decimal !== undefined) return fromNumber(Number(decimal));
      if (hexadecimal !== undefined) return fromNumber(Number.parseInt(hexadecimal, 16));
      return decodeHTML(reference);
    },
  );
}

function fromNumber(codePoint: number): string {
  if (codePoint === 0x0d) return '\r';
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint === 0 || isSurrogate || codePoint > 0x10ffff) return '\ufffd';
  if (codePoint >= 0x80 && codePoint <= 0x9f) return windows1252Controls[codePoint - 0x80];
  const isControl = codePoint < 0x20 ? !/[\t\n\f]/.test(String.fromCodePoint(codePoint)) : codePoint === 0x7f;
  const isNonCharacter = (codePoint & 0xfffe) === 0xfffe || (codePoint >= 0xfdd0 && codePoint <= 0xfdef);
  return isControl || isNonCharacter ? '' : String.fromCodePoint(codePoint);
}
