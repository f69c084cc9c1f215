import sharp from 'sharp';

/** Similarities of the places of an image, row by row. */
export interface EvidenceMap {
  /** Places in a row, and rows. */
  readonly size: number;
  readonly values: ArrayLike<number>;
}

/** How much of the colour covers the place that is most like the label. */
const strongest = 0.75;

/**
 * Writes a picture as PNG under a veil of red, the redder the more a place is like a label. The map is scaled to its own
 * least and largest value: it shows where, not how much.
 */
export async function writeEvidenceMap(path: string, picture: string, { size, values }: EvidenceMap): Promise<void> {
  const all = Array.from(values);
  const [least, largest] = [Math.min(...all), Math.max(...all)];
  const span = Math.max(largest - least, 1e-12);
  const opacity = all.map((value) => Math.round((255 * strongest * (value - least)) / span));
  const veil = Buffer.from(opacity.flatMap((alpha) => [230, 20, 20, alpha]));
  const { data, info } = await sharp(picture).rotate().removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const overlay = await sharp(veil, { raw: { width: size, height: size, channels: 4 } })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .png()
    .toBuffer();
  await sharp(data, { raw: info })
    .composite([{ input: overlay }])
    .png()
    .toFile(path);
}
