import type { ChannelStatistics, Pipeline, Step } from '@ltml/images';

/** Mean and standard deviation of a pipeline's step `normalize`. */
export function statisticsOf(pipeline: Pipeline): ChannelStatistics {
  const { mean, std } = pipeline.find(({ name }) => name === 'normalize') as ChannelStatistics & Step;
  return { mean, std };
}
