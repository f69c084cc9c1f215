import type { RandomStream } from '@ltml/tensor';
import type { Optdigits } from '../optdigits.ts';
import { type Placement, type Scene, sceneSize } from './scene.ts';

const area = sceneSize * sceneSize;

/**
 * Draws a scene into `pixels` [64, 64, 3].
 *
 * Rendering and composing use only + − × ÷, Math.sqrt and rounding on doubles. All JavaScript engines compute these
 * identically, so the bytes are the same everywhere; `**` and Math.sin may differ. For the same reason a rotation is
 * given by t, the tangent of half the angle: the cosine is (1 − t²)/(1 + t²) and the sine 2t/(1 + t²).
 */
export function renderScene(
  scene: Scene,
  glyphs: Optdigits,
  texture: number,
  random: RandomStream,
  pixels: Uint8Array,
): void {
  const canvas = paintBackground(texture, random);
  for (const placement of scene) paintDigit(canvas, placement, glyphs);
  // Clamped explicitly: texture and ink variation may leave 0 … 255, and a Uint8Array would wrap around.
  for (let i = 0; i < canvas.length; i++) pixels[i] = Math.min(255, Math.max(0, Math.round(canvas[i])));
}

/** A greyish background [64, 64, 3] with faintly coloured clouds of two sizes and fine grain. */
function paintBackground(texture: number, random: RandomStream): Float64Array {
  const canvas = new Float64Array(area * 3);
  const grey = random.uniform(85, 165);
  const shared = clouds(4, texture, random);
  const small = clouds(13, texture, random);
  for (let i = 0; i < area; i++) shared[i] = shared[i] + small[i] + random.uniform(-0.35, 0.35) * texture;
  for (let channel = 0; channel < 3; channel++) {
    const tint = grey + random.uniform(-20, 20);
    const own = clouds(4, 0.35 * texture, random);
    for (let i = 0; i < area; i++) canvas[i * 3 + channel] = tint + shared[i] + own[i];
  }
  return canvas;
}

/**
 * [64, 64] random levels in ±amplitude at the corners of `cells` × `cells` cells, interpolated linearly between them.
 */
function clouds(cells: number, amplitude: number, random: RandomStream): Float64Array {
  const corners = cells + 1;
  const levels = new Float64Array(corners * corners);
  for (let i = 0; i < levels.length; i++) levels[i] = random.uniform(-amplitude, amplitude);
  // First interpolate each row of corners along x, because all pixel rows of a row of cells use the same two.
  const rows = new Float64Array(corners * sceneSize);
  for (let x = 0; x < sceneSize; x++) {
    const column = Math.floor((x * cells) / sceneSize);
    const right = (x * cells) / sceneSize - column;
    for (let row = 0; row < corners; row++) {
      const at = row * corners + column;
      rows[row * sceneSize + x] = levels[at] + right * (levels[at + 1] - levels[at]);
    }
  }
  const field = new Float64Array(area);
  for (let y = 0; y < sceneSize; y++) {
    const row = Math.floor((y * cells) / sceneSize);
    const down = (y * cells) / sceneSize - row;
    for (let x = 0; x < sceneSize; x++) {
      const top = rows[row * sceneSize + x];
      field[y * sceneSize + x] = top + down * (rows[(row + 1) * sceneSize + x] - top);
    }
  }
  return field;
}

/** Paints a digit's ink over the canvas. */
function paintDigit(canvas: Float64Array, placement: Placement, glyphs: Optdigits): void {
  const { x, y, scale, color, rotation: t } = placement;
  const cosine = (1 - t * t) / (1 + t * t);
  const sine = (2 * t) / (1 + t * t);
  const glyph = paddedGlyph(glyphs, placement.glyph);
  const reach = (scale / 2) * (cosine + Math.abs(sine));
  const clip = (level: number): number => Math.min(sceneSize, Math.max(0, level));
  for (let row = clip(Math.floor(y - reach)); row < clip(Math.ceil(y + reach)); row++) {
    for (let column = clip(Math.floor(x - reach)); column < clip(Math.ceil(x + reach)); column++) {
      const dx = ((column + 0.5 - x) * 8) / scale;
      const dy = ((row + 0.5 - y) * 8) / scale;
      // Rotated back, from the centre of the box to coordinates of the padded glyph.
      const u = cosine * dx + sine * dy + 4.5;
      const v = cosine * dy - sine * dx + 4.5;
      if (u < 0 || v < 0 || u >= 9 || v >= 9) continue;
      // Levels below 5 of 16 are paper and above 11 full ink, which keeps enlarged strokes sharp.
      const ink = Math.min(1, Math.max(0, (interpolate(glyph, 10, u, v) - 5) / 6));
      const at = (row * sceneSize + column) * 3;
      for (let channel = 0; channel < 3; channel++)
        canvas[at + channel] += ink * (color[channel] - canvas[at + channel]);
    }
  }
}

/** [10, 10] a glyph with a border of one paper pixel, so that its strokes end softly at the box. */
function paddedGlyph({ pixels }: Optdigits, glyph: number): Float64Array {
  const padded = new Float64Array(100);
  for (let row = 0; row < 8; row++) {
    padded.set(pixels.subarray(glyph * 64 + row * 8, glyph * 64 + row * 8 + 8), (row + 1) * 10 + 1);
  }
  return padded;
}

/** Bilinear interpolation in a square grid of `width` columns at column x and row y, both in [0, width − 1). */
function interpolate(grid: Float64Array, width: number, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const right = x - column;
  const down = y - row;
  const at = row * width + column;
  const top = grid[at] + right * (grid[at + 1] - grid[at]);
  const bottom = grid[at + width] + right * (grid[at + width + 1] - grid[at + width]);
  return top + down * (bottom - top);
}
