import type { Pair } from '@ltml/tensor';
import { imageSides } from '../check-sizes.ts';

/** Mean and deviation of each channel, in levels 0 … 255. */
export interface InputStatistics {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What weights expect of images, at any size of them. */
export interface Preprocessing {
  readonly filter: 'bilinear' | 'bicubic';
  /** Share of the resized shorter side that the middle cut from it has; null: both sides are resized, nothing is cut. */
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

/** Preprocessing of the literature, by who trained the weights. */
export const preprocessings: Readonly<
  Record<'torchvision' | 'torchvision2' | 'timm' | 'deit' | 'dino' | 'augreg' | 'clip', Preprocessing>
> = {
  /** The first weights of torchvision: 256, of which the middle 224. */
  torchvision: { filter: 'bilinear', cropShare: 224 / 256, statistics: imagenet },
  /** Its second weights: 232, of which the middle 224. */
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

/** What a configuration of timm (`config.json`) or open_clip (`open_clip_config.json`) says of it; undefined if nothing. */
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

/** Fractions of 255 as levels. */
function levels(values: unknown): [number, number, number] | undefined {
  if (!Array.isArray(values) || values.length !== 3) return undefined;
  if (!values.every((value) => Number.isFinite(value))) return undefined;
  return values.map((value) => 255 * value) as [number, number, number];
}

/**
 * From a picture to an image of a size: a pipeline of `@ltml/images`, as plain data.
 *
 * A size that is no square, of which nothing was published, is resized to, both sides.
 *
 * @param imageSize pixels, or [height, width]
 */
export function preprocessingSteps(preprocessing: Preprocessing, imageSize: Pair): PreprocessingStep[] {
  const { filter, cropShare, statistics } = preprocessing;
  const [height, width] = imageSides('preprocessingSteps', imageSize);
  const normalize: PreprocessingStep = { name: 'normalize', ...statistics };
  if (cropShare === null || height !== width) return [{ name: 'resize', height, width, filter }, normalize];
  // 224 / (224 / 256) may come out just below 256.
  const shorterSide = Math.floor(height / cropShare + 1e-9);
  return [{ name: 'resize', shorterSide, filter }, { name: 'centerCrop', size: height }, normalize];
}
