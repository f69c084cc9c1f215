import { checkCount, checkNumber, checkOptionNames, type RandomStream } from '@ltml/tensor';
import { fillBox } from '../fill-box.ts';
import { type BytePicture, type Transform, toBytes } from '../picture.ts';
import { brightness, color, contrast, sharpness } from './blend.ts';
import { rotate, shearX, shearY, translateX, translateY } from './geometry.ts';
import { autoContrast, equalize, invert, posterize, solarize } from './tone.ts';

/** One operation: its strength at the weakest and the strongest of ten levels, and whether its sign is random. */
export interface RandAugmentOperation {
  readonly range: readonly [weakest: number, strongest: number];
  readonly signed?: boolean;
  /** Whether strengths are truncated to whole numbers. */
  readonly whole?: boolean;
  apply(picture: BytePicture, strength: number, random: RandomStream): BytePicture;
}

/** The name of an operation of {@link randAugment}. */
export type RandAugmentName =
  | 'Invert'
  | 'Cutout'
  | 'Sharpness'
  | 'AutoContrast'
  | 'Posterize'
  | 'ShearX'
  | 'TranslateX'
  | 'TranslateY'
  | 'ShearY'
  | 'Rotate'
  | 'Equalize'
  | 'Contrast'
  | 'Color'
  | 'Solarize'
  | 'Brightness';

/** The operations. They expect pictures of whole levels 0 … 255. */
export const randAugmentOperations: Readonly<Record<RandAugmentName, RandAugmentOperation>> = {
  Invert: { range: [0, 0], apply: invert },
  Cutout: { range: [0, 20], whole: true, apply: cutSquare },
  Sharpness: { range: [0, 0.9], signed: true, apply: sharpness },
  AutoContrast: { range: [0, 0], apply: autoContrast },
  Posterize: { range: [8, 4], whole: true, apply: posterize },
  ShearX: { range: [0, 0.3], signed: true, apply: (picture, m) => shearX(picture, m) },
  TranslateX: { range: [0, 150 / 331], signed: true, apply: (picture, m) => translateX(picture, m) },
  TranslateY: { range: [0, 150 / 331], signed: true, apply: (picture, m) => translateY(picture, m) },
  ShearY: { range: [0, 0.3], signed: true, apply: (picture, m) => shearY(picture, m) },
  Rotate: { range: [0, 30], apply: (picture, m) => rotate(picture, m) },
  Equalize: { range: [0, 0], apply: equalize },
  Contrast: { range: [0, 0.9], signed: true, apply: contrast },
  Color: { range: [0, 0.9], signed: true, apply: color },
  Solarize: { range: [256, 0], apply: solarize },
  Brightness: { range: [0, 0.9], signed: true, apply: brightness },
};

/** Options of {@link randAugment}. */
export interface RandAugmentOptions {
  /** Number of operations drawn for a picture, from 0; default 2. */
  readonly count?: number;
  /** Probability that a drawn operation is applied, in [0, 1]; default 0.5. */
  readonly probability?: number;
}

/**
 * RandAugment: draws operations uniformly, and one of nine levels for each, and applies each with the given
 * probability, in order. Values are first rounded to whole levels.
 *
 * @throws OptionError
 * Source: the PyPI package `randaugment` 1.0.2 with its defaults, as in the training of CPRFL, with Pillow's
 * operations. (RandAugment in Cubuk et al. 2020 and in torchvision has one strength for all operations, and always
 * applies them.)
 */
export function randAugment(options: RandAugmentOptions = {}): Transform {
  checkOptionNames('randAugment', options, ['count', 'probability']);
  const { count = 2, probability = 0.5 } = options;
  checkCount('randAugment', 'options.count', count, { min: 0 });
  checkNumber('randAugment', 'options.probability', probability, { min: 0, max: 1 });
  const operations: readonly RandAugmentOperation[] = Object.values(randAugmentOperations);
  return (picture, random) => {
    if (!random) return picture;
    const drawn = Array.from({ length: count }, () => ({
      operation: operations[random.integer(operations.length)],
      level: 1 + random.integer(9),
    }));
    return drawn.reduce<BytePicture>((before, { operation, level }) => {
      if (random.uniform() >= probability) return before;
      const strength = strengthOf(operation, level);
      const sign = operation.signed && random.uniform() < 0.5 ? -1 : 1;
      return operation.apply(before, sign * strength, random);
    }, toBytes(picture));
  };
}

/** @param level 0 … 9 */
function strengthOf({ range: [weakest, strongest], whole }: RandAugmentOperation, level: number): number {
  const strength = weakest + ((strongest - weakest) * level) / 9;
  return whole ? Math.round(strength) : strength;
}

/** Fills a square of this size around a random position with ImageNet's mean colour. */
function cutSquare(picture: BytePicture, size: number, random: RandomStream): BytePicture {
  const [x, y] = [random.integer(picture.width), random.integer(picture.height)];
  const half = Math.floor(size / 2);
  return fillBox(picture, { top: y - half, left: x - half, bottom: y + half, right: x + half }, [125, 122, 113]);
}
