/** A step that a picture goes through, by its name with its options; `@ltml/images` knows them and checks them. */
export interface PictureStep {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** What pictures go through at a size. */
export interface PictureSteps {
  readonly train: readonly PictureStep[];
  readonly test: readonly PictureStep[];
  /** By which levels they are normalised: after the last step, or where `normalize` stands among them. */
  readonly normalization: 'imagenet' | 'clip' | 'half' | 'none';
}

/** How a paper prepares its pictures, as plain data: whoever says it needs no package of pictures. */
export interface PublishedPictures {
  /** Side of the network's input in the paper, in pixels. */
  readonly size: number;
  steps(size: number): PictureSteps;
}
