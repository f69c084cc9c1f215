import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { crop } from './crop.ts';
import type { Picture, Transform } from './picture.ts';

/** Options of {@link randomCrop}. */
export interface RandomCropOptions {
  /** Smallest share of a side that is kept, in (0, 1]; default 0.8. */
  readonly keep?: number;
}

/** Number of sizes that are tried before the picture stays whole. */
const attempts = 50;

/**
 * Crops a random part. Each side is drawn as w′ ~ U(keep·w, w), again until ½ ≤ h′/w′ ≤ 2; the position is drawn from
 * U(1, w − w′). All numbers are truncated to whole pixels. If no size fits, as for very narrow pictures, the picture
 * stays whole. The result's size varies, so a resize should follow.
 *
 * @throws OptionError
 * Source: the training pipeline in the released code of Wu et al. (ECCV 2020). As there, labels do not change with the
 * crop.
 */
export function randomCrop(options: RandomCropOptions = {}): Transform {
  checkOptionNames('randomCrop', options, ['keep']);
  const { keep = 0.8 } = options;
  checkNumber('randomCrop', 'options.keep', keep, { above: 0, max: 1 });
  return (picture, random) => {
    if (!random) return picture;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const width = random.uniform(keep * picture.width, picture.width);
      const height = random.uniform(keep * picture.height, picture.height);
      if (height / width < 0.5 || height / width > 2) continue;
      const left = random.uniform(1, picture.width - width);
      const top = random.uniform(1, picture.height - height);
      return cut(picture, Math.trunc(top), Math.trunc(left), Math.trunc(top + height), Math.trunc(left + width));
    }
    return picture;
  };
}

/** Rows top … bottom − 1 and columns left … right − 1, limited to the picture; at least one of each. */
function cut(picture: Picture, top: number, left: number, bottom: number, right: number): Picture {
  const [firstRow, firstColumn] = [Math.min(top, picture.height - 1), Math.min(left, picture.width - 1)];
  return crop(picture, {
    left: firstColumn,
    top: firstRow,
    right: Math.max(Math.min(right, picture.width), firstColumn + 1),
    bottom: Math.max(Math.min(bottom, picture.height), firstRow + 1),
  });
}
