import type { BoxRange } from '../random-box.ts';
import type { Pipeline } from './pipeline.ts';

/** What training pictures and what test pictures go through. */
export interface PicturePipelines {
  readonly train: Pipeline;
  readonly test: Pipeline;
  /** How a contrastive method draws its views; as published if left out. */
  readonly views?: ViewPipelines | undefined;
  /** Boxes of the patches that a contrastive method draws; as published if left out. */
  readonly patchBoxes?: BoxRange | undefined;
}

/** Two views of a picture: random parts of it, whose colours then change. */
export interface ViewPipelines {
  readonly boxes: BoxRange;
  readonly query: Pipeline;
  readonly key: Pipeline;
}
