import type { HostKernel } from './host-kernel.ts';

/**
 * Sums the rows of x that belong to the same segment: the gradient of `gather`. Rows with a segment out of range are
 * ignored.
 */
export const unsortedSegmentSum: HostKernel<{ readonly numSegments: number }> = {
  name: 'UnsortedSegmentSum',
  outputShapes: ({ x }, { numSegments }) => [[numSegments, ...x.shape.slice(1)]],
  run({ x, segmentIds }, [y], { numSegments }) {
    y.fill(0);
    const width = y.length / Math.max(numSegments, 1);
    for (let row = 0; row < segmentIds.length; row++) {
      const segment = segmentIds[row];
      if (segment < 0 || segment >= numSegments) continue;
      for (let i = 0; i < width; i++) y[segment * width + i] += x[row * width + i];
    }
  },
};
