import type { RandomStream } from '@ltml/tensor';
import type { DrawViewsOptions } from '../../draw-views.ts';
import type { QuarterTurn } from '../../quarter-turns.ts';
import type { DecodeMode } from '../decode-image.ts';
import type { PictureReaderOptions } from '../picture-reader.ts';

/** Options of a pool's `reader`. */
export interface PoolReaderOptions extends PictureReaderOptions {
  /** The folder of the files; paths that lead out of it are refused. Left out, any path may be read. */
  readonly root?: string;
}

/** A picture to be read. */
export interface PictureRequest {
  /** A path, from the root if there is one. */
  readonly file: string;
  /** How the stored picture is turned, as of `decodeImage`. */
  readonly turn?: QuarterTurn;
  /** Where the pipeline draws from; without it nothing is random. */
  readonly random?: RandomStream;
}

/** Reads batches of one kind: from one folder, through one pipeline. */
export interface PoolReader {
  /** Of each picture that is read: [H, W, 3]. */
  readonly shape: readonly [height: number, width: number, channels: 3];
  /**
   * A batch of pictures, [B, H, W, 3]. Call it for the next batch before this one is in use: pictures are then read ahead.
   *
   * @throws DataError that names the first file that can't be read, with the reason, or one out of the root; OptionError
   *   once the pool is closed
   */
  read(requests: readonly PictureRequest[]): Promise<Float32Array>;
}

/** Options of a pool's `viewReader`. */
export interface PoolViewReaderOptions extends DrawViewsOptions {
  /** The folder of the files; paths that lead out of it are refused. Left out, any path may be read. */
  readonly root?: string;
  /** As for pictures; default `as-pil`. */
  readonly mode?: DecodeMode;
}

/** A picture whose views are to be drawn. */
export interface ViewsRequest {
  /** A path, from the root if there is one. */
  readonly file: string;
  /** How the stored picture is turned, as of `decodeImage`. */
  readonly turn?: QuarterTurn;
  /** Where each view draws from: the query view, the key view, each patch; without them nothing is random. */
  readonly random?: readonly RandomStream[];
}

/** Reads batches of contrastive views, see `drawViews`. */
export interface PoolViewReader {
  /** Of each picture that is read, by part. */
  readonly shape: Readonly<Record<string, readonly number[]>>;
  /** Streams of a picture: those of both views, and of each patch. */
  readonly views: number;
  /** A batch, [B, …shape] of each part. @throws as {@link PoolReader.read} */
  read(requests: readonly ViewsRequest[]): Promise<Readonly<Record<string, Float32Array>>>;
}
