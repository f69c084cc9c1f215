import { checkNumber } from '@ltml/tensor';
import type { Pipeline, Step } from './pipeline.ts';

/**
 * A test pipeline for larger inputs: the sides of its resizes and crops are multiplied by the factor and rounded. The
 * share that is cropped away stays the same.
 *
 * @throws OptionError unless the factor is above 0
 */
export function enlargedPipeline(pipeline: Pipeline, factor: number): Pipeline {
  checkNumber('enlargedPipeline', 'factor', factor, { above: 0 });
  const larger = (side: number): number => Math.max(1, Math.round(factor * side));
  return pipeline.map((step): Step => {
    if (step.name === 'centerCrop' || step.name === 'fiveCrops') return { ...step, size: larger(step.size) };
    if (step.name !== 'resize') return step;
    const { height, width, shorterSide } = step;
    return {
      ...step,
      ...(height !== undefined && { height: larger(height) }),
      ...(width !== undefined && { width: larger(width) }),
      ...(shorterSide !== undefined && { shorterSide: larger(shorterSide) }),
    };
  });
}
