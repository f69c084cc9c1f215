/** How neighbouring levels are weighed when a picture is resized. */
export type ResizeFilter = 'bilinear' | 'bicubic';

/** For each place of a resized axis: the places it takes from and how much of each. Every row has `count` entries. */
export interface Taps {
  readonly count: number;
  /** [new size, count] */
  readonly places: Int32Array;
  /** [new size, count]; each row sums to 1. */
  readonly weights: Float64Array;
}

/**
 * Taps that average over all that a new place covers, as Pillow does: the filter is widened by the ratio of the sizes where
 * an axis shrinks. Bicubic has a = −0.5.
 *
 * Places c ± r·s about the centre c = (i + ½) · old / new, with s = max(old / new, 1) and r the filter's radius, weighed by
 * f((k − c + ½) / s), scaled to sum 1.
 */
export function antialiasedTaps(oldSize: number, newSize: number, filter: ResizeFilter): Taps {
  const scale = oldSize / newSize;
  const stretch = Math.max(scale, 1);
  const { radius, weigh } = filter === 'bilinear' ? triangle : cubic(-0.5);
  const support = radius * stretch;
  const count = Math.ceil(support) * 2 + 1;
  const places = new Int32Array(newSize * count);
  const weights = new Float64Array(newSize * count);
  for (let i = 0; i < newSize; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), oldSize);
    let sum = 0;
    for (let k = first; k < end; k++) {
      const weight = weigh((k - centre + 0.5) / stretch);
      places[i * count + k - first] = k;
      weights[i * count + k - first] = weight;
      sum += weight;
    }
    for (let k = 0; k < end - first; k++) weights[i * count + k] /= sum;
  }
  return { count, places, weights };
}

/**
 * Taps that interpolate between the nearest places, two (bilinear) or four (bicubic, a = −0.75), however much an axis
 * shrinks; half-pixel centres, borders repeated. PyTorch's `interpolate` without `align_corners` and without `antialias`.
 */
export function interpolatingTaps(oldSize: number, newSize: number, filter: ResizeFilter): Taps {
  const { radius, weigh } = filter === 'bilinear' ? triangle : cubic(-0.75);
  const count = 2 * radius;
  const places = new Int32Array(newSize * count);
  const weights = new Float64Array(newSize * count);
  for (let i = 0; i < newSize; i++) {
    const centre = ((i + 0.5) * oldSize) / newSize - 0.5;
    const first = Math.floor(centre) - radius + 1;
    for (let k = 0; k < count; k++) {
      places[i * count + k] = Math.min(Math.max(first + k, 0), oldSize - 1);
      weights[i * count + k] = weigh(first + k - centre);
    }
  }
  return { count, places, weights };
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
