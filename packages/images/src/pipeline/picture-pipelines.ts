import type { BoxRange } from '../random-box.ts';
import type { Pipeline } from './pipeline.ts';

/** The pipelines of a data set: for training and for test pictures. */
export interface PicturePipelines {
  readonly train: Pipeline;
  readonly test: Pipeline;
  /** How a contrastive method draws its views; default as published. */
  readonly views?: ViewPipelines | undefined;
  /** How a contrastive method draws the boxes of its patches; default as published. */
  readonly patchBoxes?: BoxRange | undefined;
}

/** How two views of a picture are made: by random crops, whose colours then change. */
export interface ViewPipelines {
  readonly boxes: BoxRange;
  readonly query: Pipeline;
  readonly key: Pipeline;
}
