/**
 * Multiplies the saturation of all pixels and rotates their hue by `turn` degrees, in place. It converts to hue, value
 * (the largest channel) and range (value times saturation), and back. Nothing is clipped.
 */
export function changeColour(pixels: Float32Array, saturationFactor: number, turn: number): void {
  for (let at = 0; at < pixels.length; at += 3) {
    const [red, green, blue] = pixels.subarray(at, at + 3);
    const value = Math.max(red, green, blue);
    const range = value - Math.min(red, green, blue);
    // Grey has no hue and does not change.
    if (range === 0) continue;
    const sector = (((hueOf(red, green, blue, value, range) + turn + 360) % 360) / 60) % 6;
    for (const [channel, offset] of [5, 3, 1].entries()) {
      // How far a channel is below the value, as a fraction of the range: 0 near its own hue, 1 opposite, linear
      // between.
      const place = (offset + sector) % 6;
      const below = Math.max(0, Math.min(place, 4 - place, 1));
      pixels[at + channel] = value - range * saturationFactor * below;
    }
  }
}

/** Hue in degrees, [0, 360). */
function hueOf(red: number, green: number, blue: number, value: number, range: number): number {
  if (value === red) return (((green - blue) / range) * 60 + 360) % 360;
  if (value === green) return ((blue - red) / range) * 60 + 120;
  return ((red - green) / range) * 60 + 240;
}
