import type { Pair } from '@ltml/tensor';
import { imageSides } from '../check-sizes.ts';

/** Mean and standard deviation of each channel, in levels 0 … 255. */
export interface InputStatistics {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** How images must be prepared for some weights, for any image size. */
export interface Preprocessing {
  readonly filter: 'bilinear' | 'bicubic';
  /** The share of the resized shorter side that the central crop keeps; null: both sides are resized without a crop. */
  readonly cropShare: number | null;
  readonly statistics: InputStatistics;
}

/** A step of a pipeline of `@ltml/images`, as plain data. */
export type PreprocessingStep =
  | { readonly name: 'resize'; readonly shorterSide: number; readonly filter: Preprocessing['filter'] }
  | {
      readonly name: 'resize';
      readonly height: number;
      readonly width: number;
      readonly filter: Preprocessing['filter'];
    }
  | { readonly name: 'centerCrop'; readonly size: number }
  | ({ readonly name: 'normalize' } & InputStatistics);

const imagenet: InputStatistics = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
const clip: InputStatistics = {
  mean: [255 * 0.48145466, 255 * 0.4578275, 255 * 0.40821073],
  std: [255 * 0.26862954, 255 * 0.26130258, 255 * 0.27577711],
};

/** Preprocessing from the literature, by who trained the weights. */
export const preprocessings: Readonly<
  Record<'torchvision' | 'torchvision2' | 'timm' | 'deit' | 'dino' | 'augreg' | 'clip', Preprocessing>
> = {
  /** torchvision's first weights: resized to 256, cropped to 224. */
  torchvision: { filter: 'bilinear', cropShare: 224 / 256, statistics: imagenet },
  /** torchvision's second weights: resized to 232, cropped to 224. */
  torchvision2: { filter: 'bilinear', cropShare: 224 / 232, statistics: imagenet },
  /** timm's recipes for ResNets. */
  timm: { filter: 'bicubic', cropShare: 0.95, statistics: imagenet },
  deit: { filter: 'bicubic', cropShare: 0.9, statistics: imagenet },
  dino: { filter: 'bicubic', cropShare: 1, statistics: imagenet },
  /** Google's vision transformers: levels become −1 … 1. */
  augreg: {
    filter: 'bicubic',
    cropShare: 0.9,
    statistics: { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
  },
  clip: { filter: 'bicubic', cropShare: 1, statistics: clip },
};

/**
 * The preprocessing in a configuration of timm (`config.json`) or open_clip (`open_clip_config.json`); undefined if it
 * has none.
 */
export function preprocessingOf(config: unknown): Preprocessing | undefined {
  const { pretrained_cfg: timm, preprocess_cfg: openClip } = asRecord(config);
  const told = asRecord(timm ?? openClip);
  const [mean, std] = [levels(told.mean), levels(told.std)];
  if (!mean || !std) return undefined;
  const { interpolation, crop_pct: share } = told;
  return {
    filter: interpolation === 'bilinear' ? 'bilinear' : 'bicubic',
    cropShare: typeof share === 'number' && share > 0 && share <= 1 ? share : 1,
    statistics: { mean, std },
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Converts fractions to levels 0 … 255. */
function levels(values: unknown): [number, number, number] | undefined {
  if (!Array.isArray(values) || values.length !== 3) return undefined;
  if (!values.every((value) => Number.isFinite(value))) return undefined;
  return values.map((value) => 255 * value) as [number, number, number];
}

/**
 * The preprocessing as a pipeline of `@ltml/images`, as plain data, for an image size.
 *
 * If the size is not a square, for which nothing is published, both sides are resized without a crop.
 *
 * @param imageSize in pixels, or [height, width]
 */
export function preprocessingSteps(preprocessing: Preprocessing, imageSize: Pair): PreprocessingStep[] {
  const { filter, cropShare, statistics } = preprocessing;
  const [height, width] = imageSides('preprocessingSteps', imageSize);
  const normalize: PreprocessingStep = { name: 'normalize', ...statistics };
  if (cropShare === null || height !== width) return [{ name: 'resize', height, width, filter }, normalize];
  // 224 / (224 / 256) may be slightly below 256.
  const shorterSide = Math.floor(height / cropShare + 1e-9);
  return [{ name: 'resize', shorterSide, filter }, { name: 'centerCrop', size: height }, normalize];
}
