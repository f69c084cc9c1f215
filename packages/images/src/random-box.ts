import { checkNumber, checkRange, type RandomStream } from '@ltml/tensor';
import { type Box, checkSize, placeBox, type Size } from './box.ts';
import { roundHalfToEven } from './round-half-to-even.ts';

/** How a random box is drawn: ranges for its share of the picture, and for its width divided by its height. */
export interface BoxRange {
  /** Range of the share, in (0, 1]: of the area or of the sides, as the function says. */
  readonly scale: readonly [low: number, high: number];
  /** Width divided by height, > 0; default 3/4 … 4/3. */
  readonly ratio?: readonly [low: number, high: number];
}

const usualRatio = [3 / 4, 4 / 3] as const;
/** Number of sizes that are tried before the central box is used. */
const attempts = 10;

/**
 * A random box of whole pixels, as torchvision's `RandomResizedCrop` draws it. The share of the *area* is uniform in
 * `scale`, the ratio of the sides log-uniform in `ratio`, the position uniform. After ten sizes that do not fit, it is
 * the {@link centralBox}.
 *
 * @throws OptionError
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

/**
 * The size of a box with this share of the area and this logarithm of the ratio; undefined if it does not fit. Halves
 * are rounded to even.
 */
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

/** The largest central box whose ratio of width to height is in the range. @throws OptionError */
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
 * A random box whose *sides* are drawn; its borders may lie between pixels. Its width is s and its height s·r times
 * that of the picture, with s uniform in `scale` and r uniform in `ratio`. A height beyond the picture's is cut (our
 * addition).
 *
 * @param range `ratio` is 3/4 … 4/3 by default
 * @throws OptionError
 * Source: algorithm 1 in the supplementary of DSCL (AAAI 2024). The authors' code draws {@link areaBox} instead.
 */
export function sideBox(size: Size, range: BoxRange, random: RandomStream): Box {
  return sideBoxOfDraws(size, range, [random.uniform(), random.uniform(), random.uniform(), random.uniform()]);
}

/** {@link sideBox} from four draws in [0, 1): s, r, vertical and horizontal position. @throws OptionError */
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

/** Checks the ranges of a random box. @throws OptionError */
export function checkBoxRange(where: string, argument: string, { scale, ratio = usualRatio }: BoxRange): void {
  checkRange(where, `${argument}.scale`, scale, { above: 0, max: 1 });
  checkRange(where, `${argument}.ratio`, ratio, { above: 0 });
}
