import type { RandomStream } from '@ltml/tensor';

/** A batch of images with their labels, in host memory. */
export interface ImageBatch {
  /** B, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  /** [B, H, W, 3] */
  readonly values: Float32Array;
  /** [B, C] in [0, 1]; 0 where the label is unknown. */
  readonly labels: Float32Array;
  /** [B, C] 1 known, 0 not. */
  readonly known: Float32Array;
}

/**
 * Makes training images from pairs of images of a batch, and their labels from both.
 *
 * @param streamOf the random stream of the image in a row, for its partner and share
 * @param into optional memory for the new values, of the right size
 * @returns a new batch of the same size; the given one is not changed
 */
export type Mix = (batch: ImageBatch, streamOf: (row: number) => RandomStream, into?: Float32Array) => ImageBatch;
