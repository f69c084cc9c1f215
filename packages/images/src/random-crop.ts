import { checkNumber, checkOptionNames } from '@ltml/tensor';
import { crop } from './crop.ts';
import type { Picture, Transform } from './picture.ts';

export interface RandomCropOptions {
  /** Smallest share of a side that is kept, in (0, 1]; default 0.8. */
  readonly keep?: number;
}

/** Draws of a size before the picture is left whole. */
const attempts = 50;

/**
 * Cuts out a part: each side is w′ ~ U(keep·w, w), drawn again until ½ ≤ h′/w′ ≤ 2, and begins at U(1, w − w′); all are
 * truncated to whole pixels. A picture so narrow that no part fits stays as it is. Resize after it.
 *
 * Source: the training pipeline of Wu et al. (ECCV 2020), released code. Labels do not follow the crop, as there.
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

/** Rows top … bottom − 1 and columns left … right − 1, as far as they lie in the picture; at least one of each. */
function cut(picture: Picture, top: number, left: number, bottom: number, right: number): Picture {
  const [firstRow, firstColumn] = [Math.min(top, picture.height - 1), Math.min(left, picture.width - 1)];
  return crop(picture, {
    left: firstColumn,
    top: firstRow,
    right: Math.max(Math.min(right, picture.width), firstColumn + 1),
    bottom: Math.max(Math.min(bottom, picture.height), firstRow + 1),
  });
}
