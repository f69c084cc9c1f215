import { overColumns } from './columns.ts';
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
    overColumns(N, C, (c, start, end) => {
      let sum = 0;
      for (let at = start; at < end; at += C) sum += x[at];
      sums[c] += sum;
    });
    const squares = new Float64Array(C);
    overColumns(N, C, (c, start, end) => {
      const m = sums[c] / N;
      let sum = 0;
      for (let at = start; at < end; at += C) sum += (x[at] - m) * (x[at] - m);
      squares[c] += sum;
    });
    overColumns(N, C, (c, start, end) => {
      const scale = gamma[c] / Math.sqrt(squares[c] / N + epsilon);
      const offset = beta[c] - (sums[c] / N) * scale;
      for (let at = start; at < end; at += C) y[at] = x[at] * scale + offset;
    });
    for (let c = 0; c < C; c++) {
      mean[c] = sums[c] / N;
      variance[c] = squares[c] / N;
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
    const sums = new Float64Array(C);
    const products = new Float64Array(C);
    overColumns(N, C, (c, start, end) => {
      const m = mean[c];
      let sum = 0;
      let product = 0;
      for (let at = start; at < end; at += C) {
        sum += dy[at];
        product += dy[at] * (x[at] - m);
      }
      sums[c] += sum;
      products[c] += product;
    });
    // dx = γ·s · (dy − mean(dy) − (x − m) · s² · mean(dy · (x − m))) with s = 1 / √(v + ε), as a · dy + b · x + offset.
    overColumns(N, C, (c, start, end) => {
      const s = 1 / Math.sqrt(variance[c] + epsilon);
      const a = gamma[c] * s;
      const b = (-a * s * s * products[c]) / N;
      const offset = (-a * sums[c]) / N - b * mean[c];
      for (let at = start; at < end; at += C) dx[at] = a * dy[at] + b * x[at] + offset;
    });
    for (let c = 0; c < C; c++) {
      dBeta[c] = sums[c];
      dGamma[c] = products[c] / Math.sqrt(variance[c] + epsilon);
    }
  },
};
