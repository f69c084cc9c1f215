import { checkOptionNames } from '@ltml/tensor';
import type { ResizeFilter } from '../resize/resampling.ts';
import { resizeAntialias } from '../resize/resize-antialias.ts';
import { checkRgbImage, cropImage, type RgbImage } from '../rgb-image.ts';
import type { ChannelStatistics } from '../statistics.ts';
import { centerCropBox, shorterSideSize } from './geometry.ts';

/** What a network is fed with. */
export interface NetworkImage {
  readonly height: number;
  readonly width: number;
  /** [H, W, 3] (level − mean) / std */
  readonly pixels: Float32Array;
}

/** How pictures of any size become inputs of a network in evaluation. */
export interface Preprocessing {
  /** The shorter side, the ratio of the sides kept; or both sides, whatever the ratio. */
  readonly resize: number | { readonly height: number; readonly width: number };
  /** Antialiased, as by Pillow. */
  readonly filter: ResizeFilter;
  /** The side of the square that is cut from the middle; left out for the whole picture. */
  readonly crop?: number;
  readonly statistics: ChannelStatistics;
}

/**
 * Resizes, crops and normalises a picture: the evaluation transforms of torchvision over Pillow, level for level.
 *
 * ```ts
 * const { pixels } = preprocess(await decodeImage('dog.jpg'), clipPreprocessing(224));
 * const images = tf.tensor4d(pixels, [1, 224, 224, 3]);
 * ```
 *
 * @throws ShapeError, OptionError
 */
export function preprocess(image: RgbImage, preprocessing: Preprocessing): NetworkImage {
  checkOptionNames('preprocess', preprocessing, ['resize', 'filter', 'crop', 'statistics']);
  checkRgbImage('preprocess', image);
  const { resize, filter, crop, statistics } = preprocessing;
  const size = typeof resize === 'number' ? shorterSideSize(image, resize) : resize;
  const resized = resizeAntialias(image, { ...size, filter });
  const cropped =
    crop === undefined ? resized : cropImage(resized, centerCropBox(resized, { height: crop, width: crop }));
  return normalizeImage(cropped, statistics);
}

/** (level − mean) / std of each channel. */
export function normalizeImage(
  { height, width, pixels }: { readonly height: number; readonly width: number; readonly pixels: ArrayLike<number> },
  { mean, std }: ChannelStatistics,
): NetworkImage {
  return { height, width, pixels: Float32Array.from(pixels, (level, at) => (level - mean[at % 3]) / std[at % 3]) };
}
