import { RandomStream, roiAlign, roiAlignMean } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

type Shape = readonly [B: number, H: number, W: number, D: number];
type Box = readonly [left: number, top: number, right: number, bottom: number];

/** One bilinear sample by torchvision's rule. */
function sample(map: Float64Array, [, H, W, D]: Shape, image: number, channel: number, y: number, x: number): number {
  if (y < -1 || y > H || x < -1 || x > W) return 0;
  const along = (place: number, cells: number): [number, number, number] => {
    const low = Math.floor(Math.max(place, 0));
    return low >= cells - 1 ? [cells - 1, cells - 1, 0] : [low, low + 1, Math.max(place, 0) - low];
  };
  const [top, bottom, down] = along(y, H);
  const [left, right, across] = along(x, W);
  const at = (row: number, column: number) => map[((image * H + row) * W + column) * D + channel];
  const mix = (row: number) => (1 - across) * at(row, left) + across * at(row, right);
  return (1 - down) * mix(top) + down * mix(bottom);
}

/** [B, L, bins, bins, D] by loops over boxes, bins and samples. */
function oracle(map: Float64Array, shape: Shape, boxes: readonly Box[][], scale: number, bins: number): number[] {
  const [B, , , D] = shape;
  const pooled: number[] = [];
  for (let b = 0; b < B; b++) {
    for (const box of boxes[b]) {
      const [left, top, right, bottom] = box.map((edge) => edge * scale);
      const [height, width] = [Math.max(bottom - top, 1), Math.max(right - left, 1)];
      const [rows, columns] = [Math.ceil(height / bins), Math.ceil(width / bins)];
      for (let i = 0; i < bins; i++)
        for (let j = 0; j < bins; j++)
          for (let d = 0; d < D; d++) {
            let sum = 0;
            for (let r = 0; r < rows; r++)
              for (let c = 0; c < columns; c++) {
                const y = top + (height / bins) * (i + (r + 0.5) / rows);
                const x = left + (width / bins) * (j + (c + 0.5) / columns);
                sum += sample(map, shape, b, d, y, x);
              }
            pooled.push(sum / (rows * columns));
          }
    }
  }
  return pooled;
}

const shape: Shape = [2, 6, 5, 3];
const boxes: Box[][] = [
  // One within the map, one smaller than a cell, the whole map, one past two borders.
  [
    [3, 5, 30, 41],
    [11, 11, 12, 12.5],
    [0, 0, 40, 48],
    [-14, 20, 18, 70],
  ],
  [
    [8, 0, 16, 8],
    [20, 30, 20, 30],
    [39, 47, 40, 48],
    [60, 60, 90, 90],
  ],
];
const boxTensor = () => tf.tensor3d(boxes as unknown as number[][][]);

describe('roiAlign', () => {
  it.each([1, 2, 3])('is the mean of bilinear samples in %i bins a side, value and gradient', (bins) => {
    const op = (map: tf.Tensor) => roiAlign(map as tf.Tensor4D, boxTensor(), { scale: 1 / 8, bins });
    const map = randomTensor(shape, 1);
    expect(op(map).shape).toEqual([2, 4, bins, bins, 3]);
    expectMatchesOracle(op, (values) => oracle(values, shape, boxes, 1 / 8, bins), [map]);
    expectNoLeak(op, [map]);
  });

  it('gives the mean of a map everywhere where the map is constant', () => {
    const map = tf.fill([2, 6, 5, 3], 7) as tf.Tensor4D;
    const inside = tf.tensor3d([[[0, 0, 5, 6]], [[1, 2, 3, 4]]]);
    expectClose(roiAlign(map, inside, { scale: 1 }).dataSync(), new Float32Array(24).fill(7));
  });

  it('takes as many samples as random boxes need', () => {
    const random = new RandomStream(3);
    const many: Box[][] = Array.from({ length: 2 }, () =>
      Array.from({ length: 20 }, () => {
        const [x, y] = [random.uniform(0, 4), random.uniform(0, 5)];
        return [x, y, x + random.uniform(0, 5 - x), y + random.uniform(0, 6 - y)];
      }),
    );
    const map = randomTensor(shape, 4) as tf.Tensor4D;
    const actual = roiAlign(map, tf.tensor3d(many as unknown as number[][][]), { scale: 1 });
    expectClose(actual.dataSync(), oracle(Float64Array.from(map.dataSync()), shape, many, 1, 2), { relative: 1e-4 });
  });

  it('refuses boxes of other images, and a scale of 0', () => {
    const map = tf.zeros([2, 4, 4, 1]) as tf.Tensor4D;
    expect(() => roiAlign(map, tf.zeros([3, 1, 4]), { scale: 1 })).toThrow(
      /roiAlign: boxes should be \[B, L, 4\] = \[2, L, 4\], to fit featureMap, got \[3, 1, 4\]/,
    );
    expect(() => roiAlign(map, tf.zeros([2, 1, 4]), { scale: 0 })).toThrow(
      /scale should be a finite number > 0, got 0/,
    );
    expect(() => roiAlign(map, tf.zeros([2, 1, 4]), { scale: 1, bins: 1.5 })).toThrow(/bins should be/);
  });
});

describe('roiAlignMean', () => {
  it('is the mean of the bins, value and gradient', () => {
    const map = randomTensor(shape, 5);
    const mean = (map: tf.Tensor) => roiAlignMean(map as tf.Tensor4D, boxTensor(), { scale: 1 / 8 });
    const composed = (map: tf.Tensor) => tf.mean(roiAlign(map as tf.Tensor4D, boxTensor(), { scale: 1 / 8 }), [2, 3]);
    expectClose(mean(map).dataSync(), composed(map).dataSync());
    const dy = randomTensor([2, 4, 3], 6);
    const [expected] = gradientsOf(composed, [map], dy);
    expectClose(gradientsOf(mean, [map], dy)[0].dataSync(), expected.dataSync());
    expectNoLeak(mean, [map]);
  });
});
