import { checkNumber, checkRange, type RandomStream } from '@ltml/tensor';
import { type Box, checkSize, placeBox, type Size } from './box.ts';
import { roundHalfToEven } from './round-half-to-even.ts';

/** Ranges of a random box: its share of the picture, and its width divided by its height. */
export interface BoxRange {
  readonly scale: readonly [low: number, high: number];
  /** Default 3/4 … 4/3. */
  readonly ratio?: readonly [low: number, high: number];
}

const usualRatio = [3 / 4, 4 / 3] as const;
/** Draws of a size before the middle of the picture is taken. */
const attempts = 10;

/**
 * A random box of whole pixels, as torchvision's `RandomResizedCrop` draws it: share of the *area* uniform in `scale`, ratio
 * of the sides log-uniform in `ratio`, place uniform; {@link centralBox} after ten sizes that do not fit.
 */
export function areaBox(size: Size, range: BoxRange, random: RandomStream): Box {
  checkSize('areaBox', size);
  checkBoxRange('areaBox', 'range', range);
  const { scale, ratio = usualRatio } = range;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const fraction = random.uniform(...scale);
    const logRatio = random.uniform(Math.log(ratio[0]), Math.log(ratio[1]));
    const drawn = sizeOfDraw(size, fraction, logRatio);
    if (!drawn) continue;
    const top = random.integer(size.height - drawn.height + 1);
    return placeBox(drawn, top, random.integer(size.width - drawn.width + 1));
  }
  return centralBox(size, ratio);
}

/** The size of a box of this share of the area and this logarithm of the ratio, if it fits; halves are rounded to even. */
export function sizeOfDraw(size: Size, areaFraction: number, logRatio: number): Size | undefined {
  checkSize('sizeOfDraw', size);
  checkNumber('sizeOfDraw', 'areaFraction', areaFraction, { min: 0 });
  checkNumber('sizeOfDraw', 'logRatio', logRatio);
  const { height, width } = size;
  const area = height * width * areaFraction;
  const ratio = Math.exp(logRatio);
  const drawn = { width: roundHalfToEven(Math.sqrt(area * ratio)), height: roundHalfToEven(Math.sqrt(area / ratio)) };
  const fits = drawn.width > 0 && drawn.width <= width && drawn.height > 0 && drawn.height <= height;
  return fits ? drawn : undefined;
}

/** The largest box in the middle whose ratio of the sides is in the range. */
export function centralBox(size: Size, ratio: readonly [low: number, high: number] = usualRatio): Box {
  checkSize('centralBox', size);
  checkRange('centralBox', 'ratio', ratio, { above: 0 });
  const { height, width } = size;
  const box = { height, width };
  if (width / height < ratio[0]) box.height = roundHalfToEven(width / ratio[0]);
  else if (width / height > ratio[1]) box.width = roundHalfToEven(height * ratio[1]);
  return placeBox(box, Math.floor((height - box.height) / 2), Math.floor((width - box.width) / 2));
}

/**
 * A random box of real borders whose *sides* are drawn: width s, height s·r of those of the picture, s uniform in `scale`,
 * r uniform in `ratio`. A height beyond the picture's is cut (our addition).
 *
 * @param range `ratio` is 0.75 … 1.33 unless given
 * Source: algorithm 1 in the supplementary of DSCL (AAAI 2024). Its authors' code draws {@link areaBox}.
 */
export function sideBox(size: Size, range: BoxRange, random: RandomStream): Box {
  return sideBoxOfDraws(size, range, [random.uniform(), random.uniform(), random.uniform(), random.uniform()]);
}

/** {@link sideBox} of four draws in [0, 1): for s, for r, for the place along the height and along the width. */
export function sideBoxOfDraws(size: Size, range: BoxRange, draws: readonly [number, number, number, number]): Box {
  checkSize('sideBoxOfDraws', size);
  checkBoxRange('sideBoxOfDraws', 'range', range);
  for (const [i, draw] of draws.entries()) checkNumber('sideBoxOfDraws', `draws[${i}]`, draw, { min: 0, max: 1 });
  const { height, width } = size;
  const { scale, ratio = [0.75, 1.33] } = range;
  const [forScale, forRatio, down, across] = draws;
  const s = scale[0] + (scale[1] - scale[0]) * forScale;
  const r = ratio[0] + (ratio[1] - ratio[0]) * forRatio;
  const box = { height: Math.min(s * r * height, height), width: s * width };
  return placeBox(box, (height - box.height) * down, (width - box.width) * across);
}

/**
 * Checks the ranges of random boxes.
 *
 * @throws OptionError
 */
export function checkBoxRange(where: string, argument: string, { scale, ratio = usualRatio }: BoxRange): void {
  checkRange(where, `${argument}.scale`, scale, { above: 0, max: 1 });
  checkRange(where, `${argument}.ratio`, ratio, { above: 0 });
}
