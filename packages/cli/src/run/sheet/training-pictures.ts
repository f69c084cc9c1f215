import { itemStreams } from '@ltml/data';
import { type ChannelStatistics, type Picture, type Pipeline, resolvePipeline, type StepName } from '@ltml/images';
import type { RandomStreams } from '@ltml/tensor';

/** A picture after the augmentation step of this name. */
export interface StepPicture {
  readonly step: StepName;
  readonly picture: Picture;
}

/** Pictures as training sees them. */
export interface TrainingPictures {
  /** The picture after all steps, RGB from 0 to 255. @param place of the picture in the epoch */
  whole(picture: Picture, place: number, epoch: number): Picture;
  /** The picture after each step, without steps that change nothing visible. */
  steps(picture: Picture, place: number, epoch: number): readonly StepPicture[];
}

/** @param random streams of the run */
export function trainingPictures(pipeline: Pipeline, random: RandomStreams): TrainingPictures {
  // A step draws the same random numbers when later steps are left out.
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
