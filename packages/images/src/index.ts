export { type Box, placeBox, type Size, wholeBox } from './box.ts';
export { type ColorJitterOptions, colorJitter, randomGrayscale } from './color-jitter.ts';
export { crop } from './crop.ts';
export { type CutoutOptions, cutout } from './cutout.ts';
export { type DrawViewsOptions, drawViews, splitViews, type ViewDrawing, type ViewPart } from './draw-views.ts';
export { cropsOf, type FiveCropsOptions, fiveCrops } from './five-crops.ts';
export { type GaussianBlurOptions, gaussianBlur } from './gaussian-blur.ts';
export { centerCropBox, shorterSideSize } from './geometry.ts';
export { horizontalFlip } from './horizontal-flip.ts';
export { type JitterOptions, jitter } from './jitter.ts';
export { normalize } from './normalize.ts';
export { padAndShift } from './pad-and-shift.ts';
export { type PadToMultipleOptions, padToMultiple } from './pad-to-multiple.ts';
export { type PhotometricDistortionOptions, photometricDistortion } from './photometric-distortion.ts';
export { type BytePicture, type FloatPicture, type Picture, type Transform, toBytes, toFloat } from './picture.ts';
export { clipPipeline } from './pipeline/clip-pipeline.ts';
export { enlargedPipeline } from './pipeline/enlarged-pipeline.ts';
export { outputSize } from './pipeline/output-size.ts';
export type { PicturePipelines, ViewPipelines } from './pipeline/picture-pipelines.ts';
export {
  type Pipeline,
  type PipelineFunction,
  resolvePipeline,
  type Step,
  type StepName,
  type StepOptions,
  stepNames,
} from './pipeline/pipeline.ts';
export type { CenterCropStep, ResizeStep } from './pipeline/resize-step.ts';
export { keyColours, queryColours } from './pipeline/view-colours.ts';
export {
  type RandAugmentName,
  type RandAugmentOperation,
  type RandAugmentOptions,
  randAugment,
  randAugmentOperations,
} from './rand-augment/rand-augment.ts';
export { type TimmRandAugmentOptions, timmRandAugment } from './rand-augment/timm-rand-augment.ts';
export {
  type TrivialAugmentName,
  type TrivialAugmentOperation,
  type TrivialAugmentOptions,
  trivialAugment,
  trivialAugmentOperations,
} from './rand-augment/trivial-augment.ts';
export {
  areaBox,
  type BoxRange,
  centralBox,
  checkBoxRange,
  sideBox,
  sideBoxOfDraws,
  sizeOfDraw,
} from './random-box.ts';
export { type RandomCropOptions, randomCrop } from './random-crop.ts';
export { type RandomErasingOptions, randomErasing } from './random-erasing.ts';
export { type RandomResizedCropOptions, randomResizedCrop } from './random-resized-crop.ts';
export { type RandomSquareCropOptions, randomSquareCrop } from './random-square-crop.ts';
export { type ResizeAntialiasOptions, type ResizeOptions, resizeAntialias } from './resize/resize-antialias.ts';
export { resizeInterpolating } from './resize/resize-interpolating.ts';
export { resizeOpencv } from './resize/resize-opencv.ts';
export type { ResizeFilter } from './resize/taps.ts';
export {
  type ChannelStatistics,
  clipStatistics,
  halfStatistics,
  imagenetStatistics,
  unitStatistics,
} from './statistics.ts';
