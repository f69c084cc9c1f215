import * as tf from '@tensorflow/tfjs-core';

/** Sizes of the test convolution: image side, filter side, input channels, output channels. */
const image = 6;
const filter = 3;
const channels = 2;
const filters = 3;
const side = image - filter + 1;

/**
 * Tests the active engine with a small convolution and both of its gradients, against plain loops. All values are small
 * integers, so every engine must give exact results.
 *
 * @throws Error naming what is wrong
 */
export async function selfTest(): Promise<void> {
  const x = integers(image * image * channels, 7);
  const w = integers(filter * filter * channels * filters, 5);
  const dy = integers(side * side * filters, 3);
  const expected = convolution(x, w, dy);
  const tensors = tf.tidy(() => {
    const input = tf.tensor4d(x, [1, image, image, channels]);
    const kernel = tf.tensor4d(w, [filter, filter, channels, filters]);
    const weights = tf.tensor4d(dy, [1, side, side, filters]);
    const forward = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'valid');
    const loss = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.sum(tf.mul(forward(a, b), weights)) as tf.Scalar;
    const [dx, dw] = tf.grads(loss)([input, kernel]);
    return { y: forward(input, kernel), dx: dx as tf.Tensor, dw: dw as tf.Tensor };
  });
  try {
    for (const name of ['y', 'dx', 'dw'] as const) {
      const got = await tensors[name].data();
      const wrong = expected[name].findIndex((value, i) => value !== got[i]);
      if (wrong < 0) continue;
      const what = { y: 'convolution', dx: "convolution's input gradient", dw: "convolution's filter gradient" }[name];
      throw new Error(`the ${what} is wrong: entry ${wrong} is ${got[wrong]}, not ${expected[name][wrong]}`);
    }
  } finally {
    tf.dispose(tensors);
  }
}

function integers(length: number, modulus: number): number[] {
  return Array.from({ length }, (_, i) => ((i * 11 + (i >> 2)) % modulus) - (modulus >> 1));
}

/** The convolution and its gradients in plain loops. */
function convolution(x: number[], w: number[], dy: number[]): Record<'y' | 'dx' | 'dw', number[]> {
  const y: number[] = new Array(dy.length).fill(0);
  const dx: number[] = new Array(x.length).fill(0);
  const dw: number[] = new Array(w.length).fill(0);
  for (let at = 0; at < side * side; at++) {
    for (let tap = 0; tap < filter * filter; tap++) {
      const row = Math.floor(at / side) + Math.floor(tap / filter);
      const column = (at % side) + (tap % filter);
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < filters; f++) {
          const i = (row * image + column) * channels + c;
          const j = (tap * channels + c) * filters + f;
          const k = at * filters + f;
          y[k] = (y[k] as number) + (x[i] as number) * (w[j] as number);
          dx[i] = (dx[i] as number) + (dy[k] as number) * (w[j] as number);
          dw[j] = (dw[j] as number) + (dy[k] as number) * (x[i] as number);
        }
      }
    }
  }
  return { y, dx, dw };
}
