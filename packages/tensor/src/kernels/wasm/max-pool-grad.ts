import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../register.ts';
import type { WasmBackend } from './backend.ts';

type Pool = ReturnType<typeof tf.backend_util.computePool2DInfo>;

/** The engine's own loses contributions where windows overlap and breaks ties its own way (4.22). */
export const maxPoolGrad: Kernel = {
  name: 'MaxPoolGrad',
  create:
    () =>
    ({ inputs, backend, attrs }) => {
      const { dy, input } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D };
      const { filterSize, strides, pad } = attrs as unknown as {
        filterSize: [number, number];
        strides: [number, number];
        pad: Parameters<typeof tf.backend_util.computePool2DInfo>[4];
      };
      const pool = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad);
      const wasm = backend as WasmBackend;
      const dx = wasm.makeOutput(input.shape, 'float32');
      const [from, at, to] = [dy, input, dx].map((tensor) => wasm.typedArrayFromHeap(tensor));
      scatterToFirstMaximum(from, at, to, pool);
      return dx;
    },
};

/** dx ← dy of each window at its first maximum in row order. */
function scatterToFirstMaximum(dy: Float32Array, x: Float32Array, dx: Float32Array, pool: Pool): void {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth } = pool;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = pool;
  const largest = new Float32Array(channels);
  const places = new Int32Array(channels);
  dx.fill(0);
  let output = 0;
  for (let b = 0; b < batchSize; b++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * strideHeight - padInfo.top;
      for (let column = 0; column < outWidth; column++) {
        const left = column * strideWidth - padInfo.left;
        let first = true;
        for (let y = Math.max(top, 0); y < Math.min(top + filterHeight, inHeight); y++) {
          for (let z = Math.max(left, 0); z < Math.min(left + filterWidth, inWidth); z++) {
            const start = ((b * inHeight + y) * inWidth + z) * channels;
            for (let c = 0; c < channels; c++) {
              const value = x[start + c];
              if (first || value > largest[c]) {
                largest[c] = value;
                places[c] = start + c;
              }
            }
            first = false;
          }
        }
        for (let c = 0; c < channels; c++) dx[places[c]] += dy[output++];
      }
    }
  }
}
