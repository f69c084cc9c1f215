/** How neighbouring pixels are weighed when a picture is resized. */
export type ResizeFilter = 'bilinear' | 'bicubic';

export const resizeFilters: readonly ResizeFilter[] = ['bilinear', 'bicubic'];

/** One axis to be resized: the part of the old one between real borders becomes `size` places, of which some are wanted. */
export interface Axis {
  /** Old places. */
  readonly length: number;
  readonly from: number;
  readonly to: number;
  /** New places. */
  readonly size: number;
  /** The wanted ones are first … end − 1. */
  readonly first: number;
  readonly end: number;
}

/** For each wanted place: the old places it takes from, one after another, and how much of each. */
export interface Taps {
  /** [n] the first old place */
  readonly starts: Int32Array;
  /** [n] how many */
  readonly counts: Int32Array;
  /** Weights a row has. */
  readonly stride: number;
  /** [n, stride]; each row sums to 1, 0 beyond its count. */
  readonly weights: Float64Array;
}

/**
 * Taps that average over all that a new place covers, as Pillow does: the filter is widened by the ratio of the sizes where
 * an axis shrinks. Bicubic has a = −0.5. Nothing outside of the part is looked at.
 *
 * Places c ± r·s about the centre c = from + (i + ½) · scale, with s = max(scale, 1) and r the filter's radius, weighed by
 * f((k − c + ½) / s), scaled to sum 1.
 */
export function antialiasedTaps({ length, from, to, size, first, end }: Axis, filter: ResizeFilter): Taps {
  const scale = (to - from) / size;
  const stretch = Math.max(scale, 1);
  const { radius, weigh } = filter === 'bilinear' ? triangle : cubic(-0.5);
  const support = radius * stretch;
  const [low, high] = [Math.floor(from), Math.min(Math.ceil(to), length)];
  const taps = emptyTaps(end - first, Math.ceil(support) * 2 + 1);
  const { starts, counts, stride, weights } = taps;
  for (let i = 0; i < starts.length; i++) {
    const centre = from + (first + i + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), low);
    const count = Math.min(Math.trunc(centre + support + 0.5), high) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = weigh((start + k - centre + 0.5) / stretch);
      weights[i * stride + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * stride + k] /= sum;
    starts[i] = start;
    counts[i] = count;
  }
  return taps;
}

/**
 * Taps that interpolate between the nearest places, two (bilinear) or four (bicubic, a = −0.75), however much an axis
 * shrinks; half-pixel centres, borders repeated. PyTorch's `interpolate` without `align_corners` and without `antialias`.
 */
export function interpolatingTaps({ length, from, to, size, first, end }: Axis, filter: ResizeFilter): Taps {
  const { radius, weigh } = filter === 'bilinear' ? triangle : cubic(-0.75);
  const taps = emptyTaps(end - first, 2 * radius);
  const { starts, counts, stride, weights } = taps;
  const inside = (place: number): number => Math.min(Math.max(place, 0), length - 1);
  for (let i = 0; i < starts.length; i++) {
    const centre = from + ((first + i + 0.5) * (to - from)) / size - 0.5;
    const nearest = Math.floor(centre) - radius + 1;
    starts[i] = inside(nearest);
    counts[i] = inside(nearest + stride - 1) - starts[i] + 1;
    for (let k = nearest; k < nearest + stride; k++) weights[i * stride + inside(k) - starts[i]] += weigh(k - centre);
  }
  return taps;
}

function emptyTaps(count: number, stride: number): Taps {
  return {
    starts: new Int32Array(count),
    counts: new Int32Array(count),
    stride,
    weights: new Float64Array(count * stride),
  };
}

/** A weight by distance, 0 from `radius` on. */
interface Kernel {
  readonly radius: number;
  weigh(distance: number): number;
}

const triangle: Kernel = { radius: 1, weigh: (distance) => Math.max(0, 1 - Math.abs(distance)) };

/** Keys' cubic convolution. Source: R. Keys 1981, equation 4 with any a. */
function cubic(a: number): Kernel {
  return {
    radius: 2,
    weigh(distance) {
      const t = Math.abs(distance);
      if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
    },
  };
}
