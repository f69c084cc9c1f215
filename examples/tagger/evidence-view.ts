import { byId } from './elements.ts';
import type { Evidence } from './tag-picture.ts';

/** How much of the shade covers the place with the least evidence. */
const darkest = 0.75;
/** Pixels of the shade, which the page stretches. */
const longestSide = 512;

/** Puts a shade over the picture that is lifted where a tag is seen; without evidence, takes it away. */
export function showEvidence(evidence: Evidence | undefined): void {
  const [canvas, image] = [byId<HTMLCanvasElement>('evidence'), byId<HTMLImageElement>('picture')];
  canvas.hidden = !evidence;
  if (!evidence) return;
  const { width, height, values } = evidence;
  const small = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  for (const [i, value] of values.entries()) {
    pixels.data[4 * i + 3] = (255 * darkest * (largest - value)) / Math.max(largest - least, 1e-12);
  }
  small.getContext('2d')?.putImageData(pixels, 0, 0);
  const scale = Math.min(1, longestSide / Math.max(image.naturalWidth, image.naturalHeight, 1));
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  canvas.getContext('2d')?.drawImage(small, 0, 0, canvas.width, canvas.height);
}
