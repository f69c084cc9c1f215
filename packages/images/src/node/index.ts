export { type DecodeOptions, decodeImage } from './decode-image.ts';
