import type { RandomStream } from '@ltml/tensor';

/** A picture on its way to a network. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** [H, W, 3] red, green and blue, row by row; 0 … 255 until they are normalised. */
  readonly pixels: Float32Array;
}

/**
 * One step from the stored picture to a network's input. It makes a new picture and leaves the old one alone.
 *
 * @param random where augmentation draws from; without it, in evaluation, a step that augments does nothing
 */
export type Transform = (picture: Picture, random?: RandomStream) => Picture;
