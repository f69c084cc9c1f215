import { checkNumber, checkOptionNames, checkRange, OptionError, type RandomStream } from '@ltml/tensor';
import { type Box, placeBox, type Size } from './box.ts';
import { fillBox } from './fill-box.ts';
import type { Picture, Transform } from './picture.ts';
import { roundHalfToEven } from './round-half-to-even.ts';

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions {
  /** Probability that a box is erased, in [0, 1]; default 0.5. */
  readonly probability?: number;
  /** Range of the box's share of the picture's area, in (0, 1]; drawn uniformly; default 0.02 … 0.4. */
  readonly area?: readonly [low: number, high: number];
  /** Range of the box's height divided by its width, > 0; drawn uniformly; default 0.3 … 1/0.3. */
  readonly aspect?: readonly [low: number, high: number];
  /**
   * The content of the box. `pixels` (default): a random colour for each pixel. `colour`: one random colour. Or a fixed
   * colour as red, green and blue, 0 … 255.
   */
  readonly fill?: 'pixels' | 'colour' | readonly [red: number, green: number, blue: number];
}

/** Number of sizes that are tried before the picture stays unchanged, as in the authors' code. */
const attempts = 100;

/**
 * Random erasing: hides a box of random size, shape and position. It works on levels 0 … 255, so put it before
 * `normalize`. If none of the drawn boxes fits, the picture stays unchanged.
 *
 * Source: Zhong et al., AAAI 2020, with their defaults and their uniform aspect. (torchvision's `RandomErasing` and
 * timm draw the logarithm of the aspect uniformly, use less area, `area: [0.02, 0.33]`, and fill with zeros by
 * default.)
 *
 * @throws OptionError
 */
export function randomErasing(options: RandomErasingOptions = {}): Transform {
  const where = 'randomErasing';
  checkOptionNames(where, options, ['probability', 'area', 'aspect', 'fill']);
  const { probability = 0.5, area = [0.02, 0.4], aspect = [0.3, 1 / 0.3], fill = 'pixels' } = options;
  checkNumber(where, 'options.probability', probability, { min: 0, max: 1 });
  checkRange(where, 'options.area', area, { above: 0, max: 1 });
  checkRange(where, 'options.aspect', aspect, { above: 0 });
  checkFill(where, fill);
  return (picture, random) => {
    if (!random || random.uniform() >= probability) return picture;
    const box = drawBox(picture, area, aspect, random);
    if (!box) return picture;
    if (fill === 'pixels') return fillWithNoise(picture, box, random);
    return fillBox(picture, box, fill === 'colour' ? [0, 1, 2].map(() => random.integer(256)) : fill);
  };
}

function drawBox(
  picture: Size,
  area: readonly [number, number],
  aspect: readonly [number, number],
  random: RandomStream,
): Box | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const size = erasedSize(picture, random.uniform(...area), random.uniform(...aspect));
    if (!size) continue;
    const top = random.integer(picture.height - size.height + 1);
    return placeBox(size, top, random.integer(picture.width - size.width + 1));
  }
  return undefined;
}

/**
 * The size of a box with this share of the area and this aspect; undefined unless it is smaller than the picture in
 * both directions.
 */
export function erasedSize({ height, width }: Size, share: number, aspect: number): Size | undefined {
  const area = height * width * share;
  const size = {
    height: roundHalfToEven(Math.sqrt(area * aspect)),
    width: roundHalfToEven(Math.sqrt(area / aspect)),
  };
  return size.height < height && size.width < width ? size : undefined;
}

function fillWithNoise<P extends Picture>(picture: P, { top, left, bottom, right }: Box, random: RandomStream): P {
  const pixels = picture.pixels.slice();
  for (let y = top; y < bottom; y++) {
    const end = (y * picture.width + right) * 3;
    for (let at = (y * picture.width + left) * 3; at < end; at++) pixels[at] = random.integer(256);
  }
  return { ...picture, pixels };
}

function checkFill(where: string, fill: RandomErasingOptions['fill']): void {
  if (fill === 'pixels' || fill === 'colour') return;
  if (!Array.isArray(fill) || fill.length !== 3) {
    const expected = '"pixels", "colour", or red, green and blue';
    throw new OptionError({ where, argument: 'options.fill', expected, received: JSON.stringify(fill) ?? 'nothing' });
  }
  for (const [i, level] of fill.entries()) checkNumber(where, `options.fill[${i}]`, level, { min: 0, max: 255 });
}
