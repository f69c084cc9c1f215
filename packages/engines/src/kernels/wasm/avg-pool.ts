import type * as tf from '@tensorflow/tfjs-core';
import { overWindows, type PoolAttributes, poolInfo } from '../host/pool-windows.ts';
import type { Kernel } from '../kernel.ts';
import { wasmMemory } from './memory.ts';

/** The engine's own kernel turns NaN into −∞. So averages that are −∞ are computed again. */
export const avgPool: Kernel = {
  name: 'AvgPool',
  create: (original) => (call) => {
    const y = original!(call) as tf.TensorInfo;
    const backend = call.backend as tf.KernelBackend;
    const means = wasmMemory.view(backend, y);
    if (!means.includes(Number.NEGATIVE_INFINITY)) return y;
    const input = call.inputs.x as tf.TensorInfo;
    const x = wasmMemory.view(backend, input);
    const pool = poolInfo(input.shape, call.attrs as unknown as PoolAttributes);
    const { inWidth, inChannels: channels } = pool;
    overWindows(pool, ({ start, rows, columns }, output) => {
      for (let c = 0; c < channels; c++) {
        if (means[output + c] !== Number.NEGATIVE_INFINITY) continue;
        let sum = 0;
        for (let row = 0; row < rows; row++) {
          const first = start + c + row * inWidth * channels;
          for (let column = 0; column < columns; column++) sum += x[first + column * channels];
        }
        means[output + c] = sum / (rows * columns);
      }
    });
    return y;
  },
};
