import type { ChannelStatistics, Pipeline, Step } from '@ltml/images';

/** What the one `normalize` of a pipeline takes. */
export function statisticsOf(pipeline: Pipeline): ChannelStatistics {
  const { mean, std } = pipeline.find(({ name }) => name === 'normalize') as ChannelStatistics & Step;
  return { mean, std };
}
