/** One preprocessing step: a name and its options. `@ltml/images` knows the steps and checks the options. */
export interface PictureStep {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** The preprocessing for one input size. */
export interface PictureSteps {
  readonly train: readonly PictureStep[];
  readonly test: readonly PictureStep[];
  /** The statistics for normalisation. It happens after the last step, or at the step `normalize` if there is one. */
  readonly normalization: 'imagenet' | 'clip' | 'half' | 'none';
}

/** The preprocessing of a paper as plain data, so that a method does not need the package `@ltml/images`. */
export interface PublishedPictures {
  /** Side of the network's input in the paper, in pixels. */
  readonly size: number;
  /** The steps for another input size, in pixels. */
  steps(size: number): PictureSteps;
}
