export { type ColorJitterOptions, colorJitter, randomGrayscale } from './color-jitter.ts';
export { cropAndResize } from './crop-and-resize.ts';
export { type CutoutOptions, cutout } from './cutout.ts';
export { type GaussianBlurOptions, gaussianBlur } from './gaussian-blur.ts';
export { type PhotometricDistortionOptions, photometricDistortion } from './photometric-distortion.ts';
export type { Picture, Transform } from './picture.ts';
export { centerCropBox, type ImageSize, shorterSideSize } from './preprocess/geometry.ts';
export {
  clipPreprocessing,
  cprflPreprocessing,
  dsclPreprocessing,
  mktPreprocessing,
  sarbPreprocessing,
} from './preprocess/pipelines.ts';
export { type NetworkImage, normalizeImage, type Preprocessing, preprocess } from './preprocess/preprocess.ts';
export { type PreprocessDbOptions, preprocessDb } from './preprocess/preprocess-db.ts';
export {
  type RandAugmentName,
  type RandAugmentOperation,
  type RandAugmentOptions,
  randAugment,
  randAugmentOperations,
} from './rand-augment/rand-augment.ts';
export {
  areaBox,
  type Box,
  type BoxRange,
  centralBox,
  checkBoxRange,
  placeBox,
  type Size,
  sideBox,
  sideBoxOfDraws,
  sizeOfDraw,
} from './random-box.ts';
export { type RandomCropOptions, randomCrop } from './random-crop.ts';
export { type RandomResizedCropOptions, randomResizedCrop } from './random-resized-crop.ts';
export type { ResizeFilter } from './resize/resampling.ts';
export { type ResizeOptions, resize } from './resize/resize.ts';
export { type ResizeImageOptions, resizeAntialias } from './resize/resize-antialias.ts';
export { type Grid, type ResizeFloatOptions, resizeFloat } from './resize/resize-float.ts';
export { resizeOpencv } from './resize/resize-opencv.ts';
export { type CropBox, cropImage, type RgbImage } from './rgb-image.ts';
export {
  type ChannelStatistics,
  clipStatistics,
  halfStatistics,
  imagenetStatistics,
  unitStatistics,
} from './statistics.ts';
export { horizontalFlip, type JitterOptions, jitter, normalize, padAndShift } from './transforms.ts';
