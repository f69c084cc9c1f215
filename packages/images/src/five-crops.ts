import { checkCount, checkFlag, checkOptionNames } from '@ltml/tensor';
import type { Box } from './box.ts';
import { crop, emptyLike } from './crop.ts';
import { centerCropBox } from './geometry.ts';
import { mirror } from './horizontal-flip.ts';
import type { Picture, Transform } from './picture.ts';

/** Options of {@link fiveCrops}. */
export interface FiveCropsOptions {
  /** Side of the squares in pixels. */
  readonly size: number;
  /** Whether the same five crops of the mirrored picture follow; default false. */
  readonly mirrored?: boolean;
}

/**
 * Cuts five squares from a picture and stacks them vertically: top left, top right, bottom left, bottom right, middle.
 * A method that averages over the crops separates them again.
 *
 * @throws OptionError; when called, ShapeError if the picture is smaller than a square
 * Source: torchvision's `FiveCrop` and `TenCrop`.
 */
export function fiveCrops(options: FiveCropsOptions): Transform {
  checkOptionNames('fiveCrops', options, ['size', 'mirrored']);
  const { size, mirrored = false } = options;
  checkCount('fiveCrops', 'options.size', size);
  checkFlag('fiveCrops', 'options.mirrored', mirrored);
  return (picture) => {
    const views = mirrored ? [picture, mirror(picture)] : [picture];
    return stacked(views.flatMap((view) => boxesOf(view, size).map((box) => crop(view, box))));
  };
}

/** Number of crops that a step with these options makes. */
export function cropsOf({ mirrored = false }: FiveCropsOptions): number {
  return mirrored ? 10 : 5;
}

function boxesOf(picture: Picture, size: number): Box[] {
  const middle = centerCropBox(picture, { height: size, width: size });
  const at = (left: number, top: number): Box => ({ left, top, right: left + size, bottom: top + size });
  const [right, bottom] = [picture.width - size, picture.height - size];
  return [at(0, 0), at(right, 0), at(0, bottom), at(right, bottom), middle];
}

function stacked(crops: readonly Picture[]): Picture {
  const [{ height, width, pixels: first }] = crops;
  const pixels = emptyLike(first, crops.length * first.length);
  for (const [i, { pixels: own }] of crops.entries()) pixels.set(own, i * first.length);
  return { height: crops.length * height, width, pixels };
}
