import type { RandomStream } from '@ltml/tensor';

/** A batch of images with their labels, on the host. */
export interface ImageBatch {
  /** B */
  readonly rows: number;
  /** C */
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  /** [B, H, W, 3] */
  readonly values: Float32Array;
  /** [B, C] in [0, 1]; 0 where nothing is known. */
  readonly labels: Float32Array;
  /** [B, C] 1 known, 0 not. */
  readonly known: Float32Array;
}

/**
 * Makes training images of pairs of images of a batch, and their labels of those of both.
 *
 * @param streamOf where the image in a row draws its partner and its share from
 * @returns a new batch of the same size; the given one stays as it is
 */
export type Mix = (batch: ImageBatch, streamOf: (row: number) => RandomStream) => ImageBatch;
