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

/** By which levels pictures are normalised; `encoder` is what it was trained with. */
export const normalizations = ['encoder', 'imagenet', 'clip', 'half', 'none'] as const;

/** @param ofEncoder what the encoder was trained with */
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

/** Steps with the one that normalises: where it stands among them without levels, or else at the end. */
export function withLevels(steps: readonly PictureStep[], levels: ChannelStatistics): Pipeline {
  const toInput: Step = { name: 'normalize', ...levels };
  const isPlaced = steps.some(({ name }) => name === 'normalize');
  const all = isPlaced ? steps.map((step) => (step.name === 'normalize' ? toInput : step)) : [...steps, toInput];
  // `resolvePipeline` checks them.
  return all as Pipeline;
}
