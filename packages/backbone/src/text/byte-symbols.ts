/**
 * The 256 characters that represent bytes in a vocabulary, in its order. Printable bytes (33 … 126, 161 … 172, 174 …
 * 255) represent themselves. The other 68 are represented, in ascending order, by the code points from 256 on.
 *
 * Source: Radford et al. 2019, section 2.2; GPT-2's vocabulary and CLIP's.
 */
export function byteSymbols(): { readonly byte: number; readonly codePoint: number }[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const prints = (byte: number): boolean => byte >= 33 && byte !== 173 && (byte <= 126 || byte >= 161);
  return [
    ...bytes.filter(prints).map((byte) => ({ byte, codePoint: byte })),
    ...bytes.filter((byte) => !prints(byte)).map((byte, i) => ({ byte, codePoint: 256 + i })),
  ];
}
