import type { RandomStream } from '@ltml/tensor';
import type { DrawViewsOptions } from '../../draw-views.ts';
import type { QuarterTurn } from '../../quarter-turns.ts';
import type { DecodeMode } from '../decode-image.ts';
import type { PictureReaderOptions } from '../picture-reader.ts';

/** Options of `PicturePool.reader`. */
export interface PoolReaderOptions extends PictureReaderOptions {
  /** The folder of the files; paths that lead out of it are refused. Default: any path may be read. */
  readonly root?: string;
}

/** A picture to read. */
export interface PictureRequest {
  /** A path, relative to the root if there is one. */
  readonly file: string;
  /** The angle by which the stored picture is rotated, see `DecodeOptions.turn`. */
  readonly turn?: QuarterTurn;
  /** The stream for the random steps of the pipeline; without it nothing is random. */
  readonly random?: RandomStream;
}

/** Reads batches of pictures from one folder with one pipeline. */
export interface PoolReader {
  /** Shape of each picture. */
  readonly shape: readonly [height: number, width: number, channels: 3];
  /**
   * Reads a batch of pictures, [B, H, W, 3]. To read ahead, call it for the next batch before you use this one.
   *
   * @param into optional memory for the result, used if it has the right number of values
   * @throws DataError naming the first file that cannot be read, with the reason, or a path outside the root;
   *   OptionError after the pool was closed
   */
  read(requests: readonly PictureRequest[], into?: Float32Array): Promise<Float32Array>;
}

/** Options of `PicturePool.viewReader`. */
export interface PoolViewReaderOptions extends DrawViewsOptions {
  /** The folder of the files; paths that lead out of it are refused. Default: any path may be read. */
  readonly root?: string;
  /** How pictures are decoded, see `DecodeOptions.mode`; default `as-pil`. */
  readonly mode?: DecodeMode;
}

/** A picture whose views are to be drawn. */
export interface ViewsRequest {
  /** A path, relative to the root if there is one. */
  readonly file: string;
  /** The angle by which the stored picture is rotated, see `DecodeOptions.turn`. */
  readonly turn?: QuarterTurn;
  /** The streams of the query view, the key view and each patch; without them nothing is random. */
  readonly random?: readonly RandomStream[];
}

/** Reads batches of contrastive views, see `drawViews`. */
export interface PoolViewReader {
  /** Shape of each part of a picture. */
  readonly shape: Readonly<Record<string, readonly number[]>>;
  /** Number of streams of a picture: two views plus the patches. */
  readonly views: number;
  /** Reads a batch: [B, …shape] of each part. @throws as {@link PoolReader.read} */
  read(requests: readonly ViewsRequest[]): Promise<Readonly<Record<string, Float32Array>>>;
}
