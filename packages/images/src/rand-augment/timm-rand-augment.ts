import { checkCount, checkNumber, checkOptionNames, type RandomStream } from '@ltml/tensor';
import { type BytePicture, type Transform, toBytes } from '../picture.ts';
import { brightness, color, contrast, sharpness } from './blend.ts';
import { bicubicly, rotate, shearX, shearY, translateX, translateY } from './geometry.ts';
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from './tone.ts';

/** Options of {@link timmRandAugment}. */
export interface TimmRandAugmentOptions {
  /** Number of operations drawn for a picture, from 0; default 2. */
  readonly count?: number;
  /** Mean strength, in [0, 10]; default 9. */
  readonly magnitude?: number;
  /** Standard deviation of the strength; default 0.5. */
  readonly deviation?: number;
  /** Probability that a drawn operation is applied, in [0, 1]; default 0.5. */
  readonly probability?: number;
}

type Sign = () => 1 | -1;

/** Geometric operations interpolate bicubically and show ImageNet's mean colour beyond the border. */
const shown = bicubicly([124, 116, 104]);

/** At least a tenth of the picture's own contrast remains. */
const enhancement = (m: number, sign: Sign): number => Math.max(0.1, 1 + sign() * 0.09 * m) - 1;

/** The operations at strength m in [0, 10]. */
const operations: readonly ((picture: BytePicture, m: number, sign: Sign) => BytePicture)[] = [
  autoContrast,
  equalize,
  invert,
  (picture, m, sign) => rotate(picture, sign() * 3 * m, shown),
  (picture, m) => posterize(picture, 4 - Math.trunc(0.4 * m)),
  (picture, m) => solarize(picture, 256 - Math.trunc(25.6 * m)),
  (picture, m) => solarizeAdd(picture, Math.min(128, Math.trunc(11 * m))),
  (picture, m, sign) => color(picture, enhancement(m, sign)),
  (picture, m, sign) => contrast(picture, enhancement(m, sign)),
  (picture, m, sign) => brightness(picture, enhancement(m, sign)),
  (picture, m, sign) => sharpness(picture, enhancement(m, sign)),
  (picture, m, sign) => shearX(picture, sign() * 0.03 * m, shown),
  (picture, m, sign) => shearY(picture, sign() * 0.03 * m, shown),
  (picture, m, sign) => translateX(picture, sign() * 0.045 * m, shown),
  (picture, m, sign) => translateY(picture, sign() * 0.045 * m, shown),
];

/**
 * timm's RandAugment with "increasing" operations: draws operations uniformly, and applies each with the given
 * probability. The strength is normally distributed and clipped to [0, 10]. Values are first rounded to whole levels.
 *
 * @throws OptionError
 * Source: timm 0.6.12 with `rand-m9-mstd0.5-inc1`, as in the training of MKT, with Pillow's operations.
 */
export function timmRandAugment(options: TimmRandAugmentOptions = {}): Transform {
  const where = 'timmRandAugment';
  checkOptionNames(where, options, ['count', 'magnitude', 'deviation', 'probability']);
  const { count = 2, magnitude = 9, deviation = 0.5, probability = 0.5 } = options;
  checkCount(where, 'options.count', count, { min: 0 });
  checkNumber(where, 'options.magnitude', magnitude, { min: 0, max: 10 });
  checkNumber(where, 'options.deviation', deviation, { min: 0 });
  checkNumber(where, 'options.probability', probability, { min: 0, max: 1 });
  return (picture, random) => {
    if (!random) return picture;
    const drawn = Array.from({ length: count }, () => operations[random.integer(operations.length)]);
    const sign: Sign = () => (random.uniform() < 0.5 ? -1 : 1);
    return drawn.reduce<BytePicture>((before, operation) => {
      if (random.uniform() >= probability) return before;
      return operation(before, strengthOf(magnitude, deviation, random), sign);
    }, toBytes(picture));
  };
}

function strengthOf(magnitude: number, deviation: number, random: RandomStream): number {
  return Math.min(Math.max(magnitude + deviation * random.normal(), 0), 10);
}
