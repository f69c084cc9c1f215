import type * as tf from '@tensorflow/tfjs-core';
import * as host from '../host/batch-norm.ts';
import { hostKernelOn } from '../host/host-kernel.ts';
import type { Kernel } from '../kernel.ts';
import { blockRows, columns } from './columns.ts';
import { type WasmBackend, wasmMemory } from './memory.ts';
import { withScratch } from './scratch.ts';

/**
 * {x [N, C], gamma [C], beta [C]} → y [N, C], mean [C], biased variance [C]. Without SIMD, or if C is not a multiple of
 * 4, the host kernel computes it.
 */
export const batchNorm: Kernel = {
  name: 'ltml/BatchNorm',
  create: (original) => (call) => {
    const onHost = hostKernelOn(wasmMemory, host.batchNorm).create(original);
    const backend = call.backend as WasmBackend;
    const { x, gamma, beta } = call.inputs as Record<'x' | 'gamma' | 'beta', tf.TensorInfo>;
    const { epsilon } = call.attrs as { epsilon: number };
    const [N, C] = x.shape;
    const functions = columns.on(backend);
    if (!functions || C % 4 !== 0) return onHost(call);
    const outputs = [x.shape, [C], [C]].map((shape) => backend.makeOutput(shape, 'float32'));
    const [xAt, yAt, meanAt, betaAt] = places(backend, [x, outputs[0], outputs[1], beta]);
    // Two rows of doubles, then the scale as floats.
    withScratch(backend, 5 * C, (at) => {
      const [sumsAt, squaresAt, scaleAt] = [at, at + 8 * C, at + 16 * C];
      const block = blockRows(C);
      functions.sums(xAt, N, C, block, sumsAt);
      const [, mean, variance] = outputs.map((output) => backend.typedArrayFromHeap(output));
      const { buffer } = mean;
      const [sums, squares] = [new Float64Array(buffer, sumsAt, C), new Float64Array(buffer, squaresAt, C)];
      for (let c = 0; c < C; c++) mean[c] = sums[c] / N;
      functions.squares(xAt, meanAt, N, C, block, squaresAt);
      const scale = new Float32Array(buffer, scaleAt, C);
      const factors = backend.typedArrayFromHeap(gamma);
      for (let c = 0; c < C; c++) {
        variance[c] = squares[c] / N;
        scale[c] = factors[c] / Math.sqrt(squares[c] / N + epsilon);
      }
      columns.inParts(backend, 'affine', byRows(N, C), (begin, end) => {
        const offset = 4 * C * begin;
        return [xAt + offset, yAt + offset, end - begin, C, meanAt, scaleAt, betaAt];
      });
    });
    return outputs;
  },
};

/** {dy, x, gamma, mean, variance} → dx [N, C], dGamma [C], dBeta [C]. */
export const batchNormGrad: Kernel = {
  name: 'ltml/BatchNormGrad',
  create: (original) => (call) => {
    const onHost = hostKernelOn(wasmMemory, host.batchNormGrad).create(original);
    const backend = call.backend as WasmBackend;
    const { dy, x, gamma, mean, variance } = call.inputs as Record<
      'dy' | 'x' | 'gamma' | 'mean' | 'variance',
      tf.TensorInfo
    >;
    const { epsilon } = call.attrs as { epsilon: number };
    const [N, C] = x.shape;
    const functions = columns.on(backend);
    if (!functions || C % 4 !== 0) return onHost(call);
    const outputs = [x.shape, [C], [C]].map((shape) => backend.makeOutput(shape, 'float32'));
    const [dyAt, xAt, meanAt, dxAt] = places(backend, [dy, x, mean, outputs[0]]);
    // Two rows of doubles, then a, b and the offset as floats.
    withScratch(backend, 7 * C, (at) => {
      const [sumsAt, productsAt, aAt, bAt, offsetAt] = [0, 8, 16, 20, 24].map((row) => at + row * C);
      functions.products(dyAt, xAt, meanAt, N, C, blockRows(C), sumsAt, productsAt);
      const [, dGamma, dBeta] = outputs.map((output) => backend.typedArrayFromHeap(output));
      const [factors, variances] = [gamma, variance].map((input) => backend.typedArrayFromHeap(input));
      const { buffer } = dGamma;
      const [sums, products] = [sumsAt, productsAt].map((start) => new Float64Array(buffer, start, C));
      const [a, b, offset] = [aAt, bAt, offsetAt].map((start) => new Float32Array(buffer, start, C));
      // dx = γ·s · (dy − mean(dy) − (x − m) · s² · mean(dy · (x − m))) with s = 1 / √(v + ε).
      for (let c = 0; c < C; c++) {
        const inverse = 1 / Math.sqrt(variances[c] + epsilon);
        a[c] = factors[c] * inverse;
        b[c] = (-factors[c] * inverse * products[c] * inverse * inverse) / N;
        offset[c] = (-factors[c] * inverse * sums[c]) / N;
        dBeta[c] = sums[c];
        dGamma[c] = products[c] * inverse;
      }
      columns.inParts(backend, 'combine', byRows(N, C), (begin, end) => {
        const offset = 4 * C * begin;
        return [dyAt + offset, xAt + offset, dxAt + offset, end - begin, C, meanAt, aAt, bAt, offsetAt];
      });
    });
    return outputs;
  },
};

/** How to divide N rows among threads. An entry takes about as long as eight multiplications. */
function byRows(N: number, C: number): Parameters<typeof columns.inParts>[2] {
  return { size: N, step: 1, multiplications: 8 * N * C };
}

function places(backend: WasmBackend, tensors: readonly tf.TensorInfo[]): number[] {
  return tensors.map(({ dataId }) => backend.getMemoryOffset(dataId));
}
