import { checkCount, OptionError } from '@ltml/tensor';
import type { Picture } from './picture.ts';
import type { Box, Size } from './random-box.ts';

/**
 * Cuts a box out and resizes it, antialiased: each new pixel is the mean of the old ones around its centre, weighed by a
 * triangle as wide as the reduction. Nothing outside of the box is looked at; a box of real borders is taken between them.
 *
 * On boxes of whole pixels that is Pillow's bilinear `resize` without its rounding to whole levels.
 *
 * @throws OptionError on a box that is empty or leaves the picture, or a size below one pixel
 */
export function cropAndResize({ height, width, pixels }: Picture, box: Box, size: Size): Picture {
  checkCount('cropAndResize', 'size.height', size.height);
  checkCount('cropAndResize', 'size.width', size.width);
  checkSpan('left', box.left, 'right', box.right, width);
  checkSpan('top', box.top, 'bottom', box.bottom, height);
  const columns = taps(box.left, box.right, width, size.width);
  const rows = taps(box.top, box.bottom, height, size.height);
  // Rows that the box does not reach are passed over.
  const first = rows[0].start;
  const last = rows[rows.length - 1];
  const bands = last.start + last.weights.length - first;
  const narrow = new Float32Array(bands * size.width * 3);
  for (let y = 0, to = 0; y < bands; y++) {
    for (const { start, weights } of columns) {
      let at = ((first + y) * width + start) * 3;
      let [red, green, blue] = [0, 0, 0];
      for (let k = 0; k < weights.length; k++, at += 3) {
        const weight = weights[k];
        red += weight * pixels[at];
        green += weight * pixels[at + 1];
        blue += weight * pixels[at + 2];
      }
      narrow[to++] = red;
      narrow[to++] = green;
      narrow[to++] = blue;
    }
  }
  const line = size.width * 3;
  const resized = new Float32Array(size.height * line);
  for (const [y, { start, weights }] of rows.entries()) {
    const to = y * line;
    for (let k = 0; k < weights.length; k++) {
      const from = (start - first + k) * line;
      const weight = weights[k];
      for (let i = 0; i < line; i++) resized[to + i] += weight * narrow[from + i];
    }
  }
  return { ...size, pixels: resized };
}

function checkSpan(fromName: string, from: number, toName: string, to: number, length: number): void {
  // Real borders are sums, and may miss the last pixel by rounding.
  if (from >= 0 && from < to && to <= length * (1 + 1e-9)) return;
  throw new OptionError({
    where: 'cropAndResize',
    argument: 'box',
    expected: `in the picture, 0 ≤ ${fromName} < ${toName} ≤ ${length}`,
    received: `${from} and ${to}`,
  });
}

/** What one new pixel takes along one axis: weights of old ones from `start` on. */
interface Tap {
  readonly start: number;
  readonly weights: Float64Array;
}

/** The pixels from `from` to `to`, of an axis of `length`, as `count` new ones. */
function taps(from: number, to: number, length: number, count: number): Tap[] {
  const step = (to - from) / count;
  const reach = Math.max(step, 1);
  const [low, high] = [Math.floor(from), Math.min(Math.ceil(to), length)];
  return Array.from({ length: count }, (_, i) => {
    const centre = from + (i + 0.5) * step;
    const start = Math.max(low, Math.floor(centre - reach - 0.5));
    const end = Math.min(high, Math.ceil(centre + reach + 0.5));
    const weights = Float64Array.from({ length: end - start }, (_, k) =>
      Math.max(0, 1 - Math.abs(start + k + 0.5 - centre) / reach),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { start, weights: weights.map((weight) => weight / sum) };
  });
}
