import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  readonly epsilon: number;
}

/** {x [N, C], gamma [C], beta [C]} → y [N, C], mean [C], biased variance [C]. */
export const batchNorm: HostKernel<Attributes> = {
  name: 'ltml/BatchNorm',
  outputShapes: ({ x, gamma }) => [x.shape, gamma.shape, gamma.shape],
  run({ x, gamma, beta }, [y, mean, variance], { epsilon }) {
    const C = gamma.length;
    const N = x.length / C;
    const sums = new Float64Array(C);
    for (let at = 0; at < x.length; ) for (let c = 0; c < C; c++) sums[c] += x[at++];
    for (let c = 0; c < C; c++) mean[c] = sums[c] /= N;
    const squares = new Float64Array(C);
    for (let at = 0; at < x.length; ) {
      for (let c = 0; c < C; c++) {
        const centred = x[at++] - sums[c];
        squares[c] += centred * centred;
      }
    }
    const scale = new Float64Array(C);
    const offset = new Float64Array(C);
    for (let c = 0; c < C; c++) {
      variance[c] = squares[c] / N;
      scale[c] = gamma[c] / Math.sqrt(squares[c] / N + epsilon);
      offset[c] = beta[c] - sums[c] * scale[c];
    }
    for (let at = 0; at < x.length; ) {
      for (let c = 0; c < C; c++, at++) y[at] = x[at] * scale[c] + offset[c];
    }
  },
};

/** {dy, x, gamma, mean, variance} → dx [N, C], dGamma [C], dBeta [C]. */
export const batchNormGrad: HostKernel<Attributes> = {
  name: 'ltml/BatchNormGrad',
  outputShapes: ({ x, gamma }) => [x.shape, gamma.shape, gamma.shape],
  run({ dy, x, gamma, mean, variance }, [dx, dGamma, dBeta], { epsilon }) {
    const C = gamma.length;
    const N = x.length / C;
    const scale = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
    const products = new Float64Array(C);
    const sums = new Float64Array(C);
    for (let at = 0; at < x.length; ) {
      for (let c = 0; c < C; c++, at++) {
        sums[c] += dy[at];
        products[c] += dy[at] * (x[at] - mean[c]);
      }
    }
    // dx = γ·s · (dy − mean(dy) − (x − m) · s² · mean(dy · (x − m))) as factors a channel: a · dy + b · x + c.
    const a = new Float64Array(C);
    const b = new Float64Array(C);
    const constant = new Float64Array(C);
    for (let c = 0; c < C; c++) {
      dBeta[c] = sums[c];
      dGamma[c] = products[c] * scale[c];
      a[c] = gamma[c] * scale[c];
      b[c] = (-a[c] * scale[c] * scale[c] * products[c]) / N;
      constant[c] = (-a[c] * sums[c]) / N - b[c] * mean[c];
    }
    for (let at = 0; at < x.length; ) {
      for (let c = 0; c < C; c++, at++) dx[at] = a[c] * dy[at] + b[c] * x[at] + constant[c];
    }
  },
};
