import * as tf from '@tensorflow/tfjs-core';
import type { HostKernel } from './host-kernel.ts';

type Compute = typeof tf.backend_util.computeConv2DInfo;
type Size = [number, number, number, number];

interface Attributes {
  readonly strides: Parameters<Compute>[2];
  readonly dilations?: Parameters<Compute>[3];
  readonly pad: Parameters<Compute>[4];
  readonly dimRoundingMode?: Parameters<Compute>[5];
}

/** {x [B, H, W, C], dy [B, H′, W′, C·M]} → gradient of the filter, [kH, kW, C, M]. */
export const depthwiseConv2dBackpropFilter: HostKernel<Attributes & { readonly filterShape: Size }> = {
  name: 'DepthwiseConv2dNativeBackpropFilter',
  outputShapes: (_, { filterShape }) => [filterShape],
  run({ x, dy }, [dFilter], { filterShape, ...attributes }, shapes) {
    const [, , C, M] = filterShape;
    dFilter.fill(0);
    overTaps(shapes.x as Size, filterShape, attributes, (input, tap, output) => {
      for (let c = 0; c < C; c++) {
        for (let m = 0; m < M; m++) dFilter[tap + c * M + m] += x[input + c] * dy[output + c * M + m];
      }
    });
  },
};

/** {dy [B, H′, W′, C·M], filter [kH, kW, C, M]} → gradient of the input, [B, H, W, C]. */
export const depthwiseConv2dBackpropInput: HostKernel<Attributes & { readonly inputShape: Size }> = {
  name: 'DepthwiseConv2dNativeBackpropInput',
  outputShapes: (_, { inputShape }) => [inputShape],
  run({ dy, filter }, [dx], { inputShape, ...attributes }, shapes) {
    const [, , C, M] = shapes.filter;
    dx.fill(0);
    overTaps(inputShape, shapes.filter as Size, attributes, (input, tap, output) => {
      for (let c = 0; c < C; c++) {
        for (let m = 0; m < M; m++) dx[input + c] += filter[tap + c * M + m] * dy[output + c * M + m];
      }
    });
  },
};

/**
 * Calls `visit` for each filter cell of each window that lies in the image, with the positions of its first channel in
 * x, filter and y.
 */
function overTaps(
  x: Size,
  filter: Size,
  { strides, dilations = 1, pad, dimRoundingMode }: Attributes,
  visit: (input: number, tap: number, output: number) => void,
): void {
  const [B, H, W, C] = x;
  const [kH, kW, , M] = filter;
  const info = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, dimRoundingMode, true);
  let output = 0;
  for (let b = 0; b < B; b++) {
    for (let row = 0; row < info.outHeight; row++) {
      for (let column = 0; column < info.outWidth; column++, output += C * M) {
        for (let i = 0; i < kH; i++) {
          const y = row * info.strideHeight + i * info.dilationHeight - info.padInfo.top;
          if (y < 0 || y >= H) continue;
          for (let j = 0; j < kW; j++) {
            const z = column * info.strideWidth + j * info.dilationWidth - info.padInfo.left;
            if (z >= 0 && z < W) visit(((b * H + y) * W + z) * C, (i * kW + j) * C * M, output);
          }
        }
      }
    }
  }
}
