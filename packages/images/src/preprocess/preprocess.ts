import { checkOptionNames } from '@ltml/tensor';
import { type Size, wholeBox } from '../box.ts';
import { normalize } from '../normalize.ts';
import { checkPicture, type FloatPicture, type Picture, toFloat } from '../picture.ts';
import { resizeAntialias } from '../resize/resize-antialias.ts';
import type { ResizeFilter } from '../resize/taps.ts';
import type { ChannelStatistics } from '../statistics.ts';
import { centerCropBox, shorterSideSize } from './geometry.ts';

/** How pictures of any size become inputs of a network in evaluation. */
export interface Preprocessing {
  /** The shorter side, the ratio of the sides kept; or both sides, whatever the ratio. */
  readonly resize: number | Size;
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
 * Levels in bytes are rounded after resizing, as by Pillow; floats never are.
 *
 * @throws ShapeError, DataError, OptionError
 */
export function preprocess(picture: Picture, preprocessing: Preprocessing): FloatPicture {
  checkOptionNames('preprocess', preprocessing, ['resize', 'filter', 'crop', 'statistics']);
  const { resize, filter, crop, statistics } = preprocessing;
  const toInput = normalize(statistics);
  checkPicture('preprocess', picture);
  const size = typeof resize === 'number' ? shorterSideSize(picture, resize) : resize;
  // Only what is kept is computed: a long picture whose shorter side grows would be of any size.
  const keep = crop === undefined ? wholeBox(size) : centerCropBox(size, { height: crop, width: crop });
  return toFloat(toInput(resizeAntialias(picture, { ...size, filter, keep })));
}
