/**
 * Primitive polynomials and initial direction numbers: degree, coefficients, m. From Joe & Kuo, SIAM J. Sci. Comput. 30
 * (2008).
 */
const directions: readonly (readonly [degree: number, coefficients: number, first: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
];

/** Largest number of dimensions with direction numbers. */
export const mostDimensions: number = directions.length + 1;

/**
 * The first points of the Sobol sequence. They fill a cube more evenly than random points.
 *
 * @param dimensions at most {@link mostDimensions}
 * @returns `count` points of `dimensions` numbers in [0, 1); the point 0 at the start of the sequence is left out
 * Source: Sobol 1967, in the order of Antonov & Saleev 1979.
 */
export function sobolPoints(count: number, dimensions: number): number[][] {
  const steps = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
  const state = new Array<number>(dimensions).fill(0);
  return Array.from({ length: count }, (_, point) => {
    // Position of the lowest 0 bit of the point's index.
    const place = 31 - Math.clz32(~point & -~point);
    return state.map((value, d) => {
      state[d] = (value ^ steps[d][place]) >>> 0;
      return state[d] / 2 ** 32;
    });
  });
}

/** Direction numbers of a dimension, 32 bits each. */
function directionNumbers(dimension: number): number[] {
  if (dimension === 0) return Array.from({ length: 32 }, (_, i) => (1 << (31 - i)) >>> 0);
  const [degree, coefficients, first] = directions[dimension - 1];
  const v = first.map((m, i) => (m << (31 - i)) >>> 0);
  for (let i = degree; i < 32; i++) {
    let next = v[i - degree] ^ (v[i - degree] >>> degree);
    for (let k = 1; k < degree; k++) if ((coefficients >> (degree - 1 - k)) & 1) next ^= v[i - k];
    v.push(next >>> 0);
  }
  return v;
}
