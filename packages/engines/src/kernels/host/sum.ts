import * as tf from '@tensorflow/tfjs-core';
import { sumColumns } from './columns.ts';
import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  /** Axes to sum over: the first ones; null for all. */
  readonly axis: number | number[] | null;
  readonly keepDims?: boolean;
}

/** Sums over the first axes, in double precision. An empty tensor may be summed over any axes; the sums are 0. */
export const sum: HostKernel<Attributes> = {
  name: 'Sum',
  outputShapes({ x: { shape } }, { axis, keepDims }) {
    const summed = tf.util.parseAxisParam(axis ?? shape.map((_, at) => at), [...shape]);
    const kept = shape.map((size, at) => (summed.includes(at) ? 1 : size));
    return [keepDims ? kept : kept.filter((_, at) => !summed.includes(at))];
  },
  run({ x }, [y]) {
    // An empty sum.
    if (x.length === 0) {
      y.fill(0);
      return;
    }
    y.set(sumColumns(x, y.length));
  },
};

/** Number of axes summed over, if they are the first ones and others remain; else undefined. */
export function leadingAxes(axis: Attributes['axis'], shape: readonly number[]): number | undefined {
  if (axis === null) return undefined;
  const axes = tf.util.parseAxisParam(axis, [...shape]).sort((a, b) => a - b);
  return axes.length < shape.length && axes.every((at, i) => at === i) ? axes.length : undefined;
}
