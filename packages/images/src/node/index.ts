export { type DecodeMode, type DecodeOptions, decodeImage, decodeModes } from './decode-image.ts';
export { type PictureReaderOptions, pictureReader, type ReadPicture } from './picture-reader.ts';
export {
  PicturePool,
  type PicturePoolOptions,
  type PictureRequest,
  type PoolReader,
  type PoolReaderOptions,
} from './pool/picture-pool.ts';
export { type PictureHeader, readHeader } from './read-header.ts';
