import type { BytePicture } from '@ltml/images';
import { writeFileAtomically } from '@ltml/tensor/node';
import sharp, { type Sharp } from 'sharp';

/** Similarities between the places of an image and a class or label, row by row. */
export interface EvidenceMap {
  readonly height: number;
  /** Number of places per row. */
  readonly width: number;
  readonly values: ArrayLike<number>;
}

/** Opacity of the shade over the place that is least similar. */
const darkest = 0.72;

/** Least length of the longer side of the drawing, in pixels. */
const longerSide = 256;

/** Writes {@link drawEvidenceMap} as a PNG file. */
export async function writeEvidenceMap(path: string, picture: BytePicture, map: EvidenceMap): Promise<void> {
  await writeFileAtomically(path, [await (await drawEvidenceMap(picture, map)).png().toBuffer()]);
}

/**
 * Draws a picture under a dark shade that is clear where a place is similar to the label. The map is scaled from its
 * own smallest to its own largest value: it shows where the label is, not how similar. A small picture is enlarged
 * pixel by pixel.
 */
export async function drawEvidenceMap(picture: BytePicture, map: EvidenceMap): Promise<Sharp> {
  const all = Array.from(map.values);
  const least = all.reduce((a, b) => Math.min(a, b));
  const largest = all.reduce((a, b) => Math.max(a, b));
  const span = Math.max(largest - least, 1e-12);
  const opacity = all.map((value) => Math.round((255 * darkest * (largest - value)) / span));
  const shade = Buffer.from(opacity.flatMap((alpha) => [16, 18, 24, alpha]));
  const factor = Math.ceil(longerSide / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width * factor, picture.height * factor];
  const overlay = await sharp(shade, { raw: { width: map.width, height: map.height, channels: 4 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .png()
    .toBuffer();
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  return sharp(Uint8Array.from(picture.pixels), { raw })
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .composite([{ input: overlay }]);
}
