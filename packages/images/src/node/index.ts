export { type QuarterTurn, quarterTurns } from '../quarter-turns.ts';
export { type DecodeMode, type DecodeOptions, decodeImage, decodeModes } from './decode-image.ts';
export { decoderVersions } from './decoder-versions.ts';
export { type PictureReaderOptions, pictureReader, type ReadPicture } from './picture-reader.ts';
export { PicturePool, type PicturePoolOptions } from './pool/picture-pool.ts';
export type {
  PictureRequest,
  PoolReader,
  PoolReaderOptions,
  PoolViewReader,
  PoolViewReaderOptions,
  ViewsRequest,
} from './pool/readers.ts';
export { type PictureHeader, readHeader } from './read-header.ts';
