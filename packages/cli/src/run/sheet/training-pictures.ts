import { itemStreams } from '@ltml/data';
import { type ChannelStatistics, type Picture, type Pipeline, resolvePipeline, type StepName } from '@ltml/images';
import type { RandomStreams } from '@ltml/tensor';

/** A picture after a step, of the name. */
export interface StepPicture {
  readonly step: StepName;
  readonly picture: Picture;
}

/** What training makes of pictures. */
export interface TrainingPictures {
  /** In an epoch, of the picture at a place of it: levels 0 to 255. */
  whole(picture: Picture, place: number, epoch: number): Picture;
  /** The same step by step, without those that change nothing that can be seen. */
  steps(picture: Picture, place: number, epoch: number): readonly StepPicture[];
}

/** @param random of the run */
export function trainingPictures(pipeline: Pipeline, random: RandomStreams): TrainingPictures {
  // A part of the steps draws what it draws in all of them.
  const parts = pipeline.map((_, i) => pipeline.slice(0, i + 1));
  const after = (part: Pipeline, picture: Picture, place: number, epoch: number): Picture =>
    withLevels(resolvePipeline(part)(picture, itemStreams(random, epoch, () => place)(0)), part);
  return {
    whole: (...at) => after(pipeline, ...at),
    steps: (...at) =>
      parts.flatMap((part, i) => {
        const step = pipeline[i].name;
        return step === 'normalize' || step === 'toFloat' ? [] : [{ step, picture: after(part, ...at) }];
      }),
  };
}

/** The inverse of the pipeline's `normalize`. */
function withLevels({ height, width, pixels }: Picture, pipeline: Pipeline): Picture {
  const step = pipeline.find(({ name }) => name === 'normalize') as ChannelStatistics | undefined;
  if (!step) return { height, width, pixels };
  const levels = Float32Array.from(pixels, (value, i) => value * step.std[i % 3] + step.mean[i % 3]);
  return { height, width, pixels: levels };
}
