/** The filter by which neighbouring pixels are weighted when a picture is resized. */
export type ResizeFilter = 'bilinear' | 'bicubic';

/** All filters. */
export const resizeFilters: readonly ResizeFilter[] = ['bilinear', 'bicubic'];

/**
 * One axis to resize. The part of the old axis between two borders (which may lie between pixels) becomes `size`
 * positions.
 */
export interface Axis {
  /** Number of old positions. */
  readonly length: number;
  readonly from: number;
  readonly to: number;
  /** Number of new positions. */
  readonly size: number;
  /** The positions to compute are first … end − 1. */
  readonly first: number;
  readonly end: number;
}

/** For each computed position: the consecutive old positions it uses, and their weights. */
export interface Taps {
  /** [n] the first old position */
  readonly starts: Int32Array;
  /** [n] the number of old positions */
  readonly counts: Int32Array;
  /** Number of weights in a row. */
  readonly stride: number;
  /** [n, stride] each row sums to 1, and is 0 beyond its count. */
  readonly weights: Float64Array;
}

/**
 * Antialiasing taps, as in Pillow: they average over everything that a new position covers. If the axis shrinks, the
 * filter is widened by the ratio of the sizes. Bicubic uses a = −0.5. Pixels outside the part are not used.
 *
 * The centre of new position i is c = from + (i + ½) · scale. Old positions k within c ± r·s get the weight f((k − c +
 * ½) / s), with s = max(scale, 1) and the filter's radius r. Weights are scaled to sum to 1.
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
 * Interpolating taps: they use the two (bilinear) or four (bicubic, a = −0.75) nearest positions, even if the axis
 * shrinks. Centres are at half pixels and borders are repeated, as in PyTorch's `interpolate` without `align_corners`
 * and `antialias`.
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

/** The weight as a function of distance; 0 from `radius` on. */
interface Kernel {
  readonly radius: number;
  weigh(distance: number): number;
}

const triangle: Kernel = { radius: 1, weigh: (distance) => Math.max(0, 1 - Math.abs(distance)) };

/** Keys' cubic convolution. Source: R. Keys 1981, equation 4, for any a. */
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
