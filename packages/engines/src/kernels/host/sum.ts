import * as tf from '@tensorflow/tfjs-core';
import { sumColumns } from './columns.ts';
import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  /** The axes summed over, which must be the first ones; null for all. */
  readonly axis: number | number[] | null;
  readonly keepDims?: boolean;
}

/** Sum over the first axes, added up in doubles, or over whichever axes of nothing, which is 0. */
export const sum: HostKernel<Attributes> = {
  name: 'Sum',
  outputShapes({ x: { shape } }, { axis, keepDims }) {
    const summed = tf.util.parseAxisParam(axis ?? shape.map((_, at) => at), [...shape]);
    const kept = shape.map((size, at) => (summed.includes(at) ? 1 : size));
    return [keepDims ? kept : kept.filter((_, at) => !summed.includes(at))];
  },
  run({ x }, [y]) {
    // Over nothing.
    if (x.length === 0) {
      y.fill(0);
      return;
    }
    y.set(sumColumns(x, y.length));
  },
};

/** How many axes are summed over, if they are the first ones and leave others. */
export function leadingAxes(axis: Attributes['axis'], shape: readonly number[]): number | undefined {
  if (axis === null) return undefined;
  const axes = tf.util.parseAxisParam(axis, [...shape]).sort((a, b) => a - b);
  return axes.length < shape.length && axes.every((at, i) => at === i) ? axes.length : undefined;
}
