import type { RandomStream } from '@ltml/tensor';
import { type DrawViewsOptions, drawViews } from '../../draw-views.ts';
import type { QuarterTurn } from '../../quarter-turns.ts';
import type { DecodeMode } from '../decode-image.ts';
import { type PictureReaderOptions, pictureReader } from '../picture-reader.ts';
import { useDecoded } from '../use-decoded.ts';

/** What a thread makes from a file, as plain data: a picture of these sides, or its contrastive views. */
export type ItemOptions =
  | { readonly picture: PictureReaderOptions; readonly sides: readonly [height: number, width: number] }
  | { readonly views: DrawViewsOptions; readonly mode: DecodeMode };

/**
 * Reads a file and writes the values of an item.
 *
 * @param streams the random stream of each view; left out if nothing is random
 * @param turn rotation in degrees, see `DecodeOptions.turn`
 */
export type ReadItem = (
  path: string,
  streams: readonly RandomStream[] | undefined,
  into: Float32Array,
  turn: QuarterTurn | undefined,
) => Promise<void>;

/** Makes the function for an item. @throws OptionError as `pictureReader` or `drawViews` */
export function itemReader(options: ItemOptions): ReadItem {
  return 'views' in options ? readViews(options) : readPicture(options);
}

function readViews({ views, mode }: Extract<ItemOptions, { readonly views: object }>): ReadItem {
  const { draw } = drawViews(views);
  return (path, streams, into, turn) =>
    useDecoded(path, { mode, ...(turn !== undefined && { turn }) }, (picture) =>
      draw(picture, streams && ((view) => streams[view]), into),
    );
}

function readPicture({ picture, sides }: Extract<ItemOptions, { readonly picture: object }>): ReadItem {
  const read = pictureReader(picture);
  return async (path, streams, into, turn) => {
    const { height, width, pixels } = await read(path, streams?.[0], into, turn);
    if (height !== sides[0] || width !== sides[1]) {
      throw new Error(`${height} × ${width} pixels after the pipeline, not ${sides[0]} × ${sides[1]}`);
    }
    if (pixels !== into) into.set(pixels);
  };
}
