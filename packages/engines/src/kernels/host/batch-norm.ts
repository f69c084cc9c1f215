import { sumColumns, sumProducts } from './columns.ts';
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
    const means = sumColumns(x, C).map((sum) => sum / N);
    // Since Σ (x − m) = 0, the sum Σ x·(x − m) equals Σ (x − m)².
    const variances = sumProducts(x, x, means).map((sum) => Math.max(sum / N, 0));
    const scales = variances.map((v, c) => gamma[c] / Math.sqrt(v + epsilon));
    const offsets = means.map((m, c) => beta[c] - m * scales[c]);
    for (let at = 0, c = 0; at < x.length; at++) {
      y[at] = x[at] * scales[c] + offsets[c];
      if (++c === C) c = 0;
    }
    mean.set(means);
    variance.set(variances);
  },
};

/** {dy, x, gamma, mean, variance} → dx [N, C], dGamma [C], dBeta [C]. */
export const batchNormGrad: HostKernel<Attributes> = {
  name: 'ltml/BatchNormGrad',
  outputShapes: ({ x, gamma }) => [x.shape, gamma.shape, gamma.shape],
  run({ dy, x, gamma, mean, variance }, [dx, dGamma, dBeta], { epsilon }) {
    const C = gamma.length;
    const N = x.length / C;
    const sums = sumColumns(dy, C);
    const products = sumProducts(dy, x, mean);
    // dx = γ·s · (dy − mean(dy) − (x − m) · s² · mean(dy · (x − m))) with s = 1 / √(v + ε), computed as a · dy + b · x
    // + offset.
    const a = products.map((_, c) => gamma[c] / Math.sqrt(variance[c] + epsilon));
    const b = products.map((product, c) => (-a[c] * product) / (variance[c] + epsilon) / N);
    const offsets = sums.map((sum, c) => (-a[c] * sum) / N - b[c] * mean[c]);
    for (let at = 0, c = 0; at < x.length; at++) {
      dx[at] = a[c] * dy[at] + b[c] * x[at] + offsets[c];
      if (++c === C) c = 0;
    }
    for (let c = 0; c < C; c++) {
      dBeta[c] = sums[c];
      dGamma[c] = products[c] / Math.sqrt(variance[c] + epsilon);
    }
  },
};
