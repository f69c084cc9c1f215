/**
 * Packs numbers below 17 as text: three numbers (17³ = 4,913) fit into two characters of this alphabet (71² = 5,041).
 */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#%&()*+,';

/** Packs numbers 0 … 16 as text; their count must be a multiple of three. */
export function packLevels(levels: ArrayLike<number>): string {
  let text = '';
  for (let i = 0; i < levels.length; i += 3) {
    const triple = (levels[i] * 17 + levels[i + 1]) * 17 + levels[i + 2];
    text += alphabet[Math.floor(triple / 71)] + alphabet[triple % 71];
  }
  return text;
}

/** Unpacks the text of {@link packLevels}. */
export function unpackLevels(text: string): Uint8Array {
  const value = new Uint8Array(128);
  for (let i = 0; i < alphabet.length; i++) value[alphabet.charCodeAt(i)] = i;
  const levels = new Uint8Array((text.length / 2) * 3);
  for (let i = 0, at = 0; i < text.length; i += 2) {
    const triple = value[text.charCodeAt(i)] * 71 + value[text.charCodeAt(i + 1)];
    levels[at++] = Math.floor(triple / 289);
    levels[at++] = Math.floor(triple / 17) % 17;
    levels[at++] = triple % 17;
  }
  return levels;
}
