import * as tf from '@tensorflow/tfjs-core';
import { overColumns } from './columns.ts';
import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  /** The axes summed over, which must be the first ones; null for all. */
  readonly axis: number | number[] | null;
  readonly keepDims?: boolean;
}

/** Sum over the first axes, added up in doubles. */
export const sum: HostKernel<Attributes> = {
  name: 'Sum',
  outputShapes({ x: { shape } }, { axis, keepDims }) {
    const summed = leadingAxes(axis, shape) ?? 0;
    return [[...(keepDims ? new Array<number>(summed).fill(1) : []), ...shape.slice(summed)]];
  },
  run({ x }, [y]) {
    const C = y.length;
    const sums = new Float64Array(C);
    overColumns(x.length / C, C, (c, start, end) => {
      let sum = 0;
      for (let at = start; at < end; at += C) sum += x[at];
      sums[c] += sum;
    });
    y.set(sums);
  },
};

/** How many axes are summed over, if they are the first ones and leave others. */
export function leadingAxes(axis: Attributes['axis'], shape: readonly number[]): number | undefined {
  if (axis === null) return undefined;
  const axes = tf.util.parseAxisParam(axis, [...shape]).sort((a, b) => a - b);
  return axes.length < shape.length && axes.every((at, i) => at === i) ? axes.length : undefined;
}
