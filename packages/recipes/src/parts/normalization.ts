import {
  type ChannelStatistics,
  clipStatistics,
  halfStatistics,
  imagenetStatistics,
  type Pipeline,
  type Step,
  unitStatistics,
} from '@ltml/images';
import type { PictureStep } from '@ltml/tensor/contract';

/**
 * Names of the mean and standard deviation that pictures are normalised with; `encoder` is that of the encoder's
 * training.
 */
export const normalizations = ['encoder', 'imagenet', 'clip', 'half', 'none'] as const;

/** @param ofEncoder mean and standard deviation of the encoder's training */
export function levelsOf(name: (typeof normalizations)[number], ofEncoder: ChannelStatistics): ChannelStatistics {
  const choices: Readonly<Record<typeof name, ChannelStatistics>> = {
    encoder: ofEncoder,
    imagenet: imagenetStatistics,
    clip: clipStatistics,
    half: halfStatistics,
    none: unitStatistics,
  };
  return choices[name];
}

/** Adds the values to the step `normalize`, or appends the step if there is none. */
export function withLevels(steps: readonly PictureStep[], levels: ChannelStatistics): Pipeline {
  const toInput: Step = { name: 'normalize', ...levels };
  const isPlaced = steps.some(({ name }) => name === 'normalize');
  const all = isPlaced ? steps.map((step) => (step.name === 'normalize' ? toInput : step)) : [...steps, toInput];
  // `resolvePipeline` checks the steps.
  return all as Pipeline;
}
