/** Converts CMYK to RGB as Pillow does: (255 − C)·(255 − K)/255 in its integer arithmetic. */
export function cmykAsPil(cmyk: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - cmyk[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      const product = cmyk[from + channel] * light + 128;
      pixels[to++] = light - ((product + (product >> 8)) >> 8);
    }
  }
  return pixels;
}

/** Converts 16-bit grey to RGB as Pillow does: by clipping, so that all but the darkest levels become white. */
export function grey16AsPil(levels: Uint16Array): Uint8Array {
  const pixels = new Uint8Array(levels.length * 3);
  for (let i = 0; i < levels.length; i++) pixels.fill(Math.min(255, levels[i]), 3 * i, 3 * i + 3);
  return pixels;
}
