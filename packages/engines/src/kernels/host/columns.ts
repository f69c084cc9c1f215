/**
 * Rows per block. Neighbouring columns share cache lines; in a small block these are still cached when the next column
 * is summed.
 */
const blockRows = 64;

/**
 * Sums each column of a row-major matrix in double precision. It sums four columns at a time, so that additions do not
 * wait for each other.
 */
export function sumColumns(x: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  const block = blockRows * columns;
  for (let start = 0; start < x.length; start += block) {
    const end = Math.min(start + block, x.length);
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let at = start + c; at < end; at += columns) {
        s0 += x[at];
        s1 += x[at + 1];
        s2 += x[at + 2];
        s3 += x[at + 3];
      }
      sums[c] += s0;
      sums[c + 1] += s1;
      sums[c + 2] += s2;
      sums[c + 3] += s3;
    }
    for (; c < columns; c++) {
      let sum = 0;
      for (let at = start + c; at < end; at += columns) sum += x[at];
      sums[c] += sum;
    }
  }
  return sums;
}

/** Sums a · (x − center) over each column of two row-major matrices, in double precision. */
export function sumProducts(a: Float32Array, x: Float32Array, centers: ArrayLike<number>): Float64Array {
  const columns = centers.length;
  const sums = new Float64Array(columns);
  const block = blockRows * columns;
  for (let start = 0; start < x.length; start += block) {
    const end = Math.min(start + block, x.length);
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const [m0, m1, m2, m3] = [centers[c], centers[c + 1], centers[c + 2], centers[c + 3]];
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let at = start + c; at < end; at += columns) {
        s0 += a[at] * (x[at] - m0);
        s1 += a[at + 1] * (x[at + 1] - m1);
        s2 += a[at + 2] * (x[at + 2] - m2);
        s3 += a[at + 3] * (x[at + 3] - m3);
      }
      sums[c] += s0;
      sums[c + 1] += s1;
      sums[c + 2] += s2;
      sums[c + 3] += s3;
    }
    for (; c < columns; c++) {
      const m = centers[c];
      let sum = 0;
      for (let at = start + c; at < end; at += columns) sum += a[at] * (x[at] - m);
      sums[c] += sum;
    }
  }
  return sums;
}
