import type { FixedPointTaps, LevelsWork } from './resample-plain.ts';
import { resampleModule } from './resample-simd.generated.ts';

/** The functions of resample-simd.wat. */
interface Resampler {
  readonly memory: WebAssembly.Memory;
  columns(...numbers: readonly number[]): void;
  rows(...numbers: readonly number[]): void;
}

/** WebAssembly memory never shrinks, so a task that needs more than 64 MiB is resampled by `resamplePlainly`. */
const mostBytes = 2 ** 26;
/** Bytes of a picture that are copied at once. */
const chunkBytes = 2 ** 20;
const pageBytes = 65_536;

/** The module of this thread; null if WebAssembly with 128-bit lanes is not available. */
let resampler: Resampler | null | undefined;

/**
 * The result of `resamplePlainly`, computed by WebAssembly; undefined if it is not available or needs too much memory.
 */
export function resampleBySimd({ levels, width, band, rows, columns }: LevelsWork): Uint8Array | undefined {
  resampler ??= instantiate();
  if (!resampler) return undefined;
  const [stride, line] = [width * 3, columns.starts.length * 3];
  const taps = { columns: packTaps(columns, 3, 4), rows: packTaps(rows, line, 2, band.first) };
  const rowsAtOnce = Math.max(1, Math.min(band.count, Math.floor(chunkBytes / stride)));
  const place = placesOf({
    columnStarts: taps.columns.starts.byteLength,
    columnWeights: taps.columns.weights.byteLength,
    rowStarts: taps.rows.starts.byteLength,
    rowWeights: taps.rows.weights.byteLength,
    // Loads and stores go beyond the end: by a second row, by the taps with weight 0, and by the rest of 16 bytes.
    source: (rowsAtOnce + 1) * stride + taps.columns.groups * 12 + 16,
    narrow: band.count * line + taps.rows.groups * 2 * line + 16,
    result: rows.starts.length * line + 16,
  });
  if (place.end > mostBytes) return undefined;
  const { memory } = resampler;
  const missing = place.end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  const bytes = new Uint8Array(memory.buffer);
  for (const [at, { buffer }] of [
    [place.columnStarts, taps.columns.starts],
    [place.columnWeights, taps.columns.weights],
    [place.rowStarts, taps.rows.starts],
    [place.rowWeights, taps.rows.weights],
  ] as const) {
    bytes.set(new Uint8Array(buffer), at);
  }
  for (let row = 0; row < band.count; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, band.count - row);
    const from = (band.first + row) * stride;
    bytes.set(levels.subarray(from, from + count * stride), place.source);
    const { groups } = taps.columns;
    const [starts, weights] = [place.columnStarts, place.columnWeights];
    resampler.columns(
      ...[place.source, place.narrow + row * line, count, stride],
      ...[columns.starts.length, starts, weights, groups],
    );
  }
  const { groups } = taps.rows;
  resampler.rows(place.narrow, place.result, line, rows.starts.length, place.rowStarts, place.rowWeights, groups);
  return bytes.slice(place.result, place.result + rows.starts.length * line);
}

/** Taps in the layout of resample-simd.wat. */
interface PackedTaps {
  /** [n] */
  readonly starts: Int32Array;
  /** [n, groups, 2, groupSize]: the lower 15 bits of each weight of a group, then the upper bits. */
  readonly weights: Int16Array;
  readonly groups: number;
}

/** @param step bytes between neighbouring old positions; the first is at `origin` */
function packTaps(taps: FixedPointTaps, step: number, groupSize: number, origin: number = 0): PackedTaps {
  const { starts, counts, stride, weights } = taps;
  const groups = Math.ceil(counts.reduce((most, count) => Math.max(most, count), 1) / groupSize);
  const packed = new Int16Array(starts.length * groups * groupSize * 2);
  for (let i = 0; i < starts.length; i++) {
    for (let k = 0; k < counts[i]; k++) {
      const weight = weights[i * stride + k];
      const at = (i * groups + Math.floor(k / groupSize)) * groupSize * 2 + (k % groupSize);
      packed[at] = weight & 0x7fff;
      packed[at + groupSize] = weight >> 15;
    }
  }
  return { starts: starts.map((start) => (start - origin) * step), weights: packed, groups };
}

/** Consecutive positions in memory for blocks of these sizes, each at a multiple of 16, and the end of the last. */
function placesOf<Name extends string>(sizes: Readonly<Record<Name, number>>): Record<Name | 'end', number> {
  const places: Record<string, number> = {};
  let end = 0;
  for (const [name, size] of Object.entries<number>(sizes)) {
    places[name] = end;
    end += Math.ceil(size / 16) * 16;
  }
  return { ...places, end } as Record<Name | 'end', number>;
}

function instantiate(): Resampler | null {
  if (typeof WebAssembly !== 'object') return null;
  const bytes = Uint8Array.from(atob(resampleModule), (letter) => letter.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Resampler;
}
