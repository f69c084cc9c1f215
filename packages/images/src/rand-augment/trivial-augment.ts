import { checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import { type BytePicture, type Transform, toBytes } from '../picture.ts';
import { roundHalfToEven } from '../round-half-to-even.ts';
import { brightness, color, contrast, sharpness } from './blend.ts';
import { nearestly, type Reading, rotate, shearX, shearY, translateX, translateY } from './geometry.ts';
import { autoContrast, equalize, posterize, solarize } from './tone.ts';

/** One operation of {@link trivialAugment}: its range of strengths, and whether its sign is random. */
export interface TrivialAugmentOperation {
  /** The strengths at level 0 and at the highest level; the others lie at equal steps between them. */
  readonly range: readonly [weakest: number, strongest: number];
  readonly signed?: boolean;
  /** Whether strengths are rounded to whole numbers, halves to even. */
  readonly whole?: boolean;
  /** @param shown how points are sampled, and the colour beyond the border */
  apply(picture: BytePicture, strength: number, shown: Reading): BytePicture;
}

/** The name of an operation of {@link trivialAugment}. */
export type TrivialAugmentName =
  | 'Identity'
  | 'ShearX'
  | 'ShearY'
  | 'TranslateX'
  | 'TranslateY'
  | 'Rotate'
  | 'Brightness'
  | 'Color'
  | 'Contrast'
  | 'Sharpness'
  | 'Posterize'
  | 'Solarize'
  | 'AutoContrast'
  | 'Equalize';

/** The operations of the wide space. They expect pictures of whole levels 0 … 255. */
export const trivialAugmentOperations: Readonly<Record<TrivialAugmentName, TrivialAugmentOperation>> = {
  Identity: { range: [0, 0], apply: (picture) => picture },
  ShearX: { range: [0, 0.99], signed: true, apply: shearX },
  ShearY: { range: [0, 0.99], signed: true, apply: shearY },
  // In whole pixels, independent of the picture's size.
  TranslateX: {
    ...{ range: [0, 32], signed: true },
    apply: (picture, m, shown) => translateX(picture, -Math.trunc(m) / picture.width, shown),
  },
  TranslateY: {
    ...{ range: [0, 32], signed: true },
    apply: (picture, m, shown) => translateY(picture, -Math.trunc(m) / picture.height, shown),
  },
  Rotate: { range: [0, 135], signed: true, apply: rotate },
  Brightness: { range: [0, 0.99], signed: true, apply: brightness },
  Color: { range: [0, 0.99], signed: true, apply: color },
  Contrast: { range: [0, 0.99], signed: true, apply: contrast },
  Sharpness: { range: [0, 0.99], signed: true, apply: sharpness },
  Posterize: { range: [8, 2], whole: true, apply: posterize },
  Solarize: { range: [255, 0], apply: solarize },
  AutoContrast: { range: [0, 0], apply: autoContrast },
  Equalize: { range: [0, 0], apply: equalize },
};

/** Options of {@link trivialAugment}. */
export interface TrivialAugmentOptions {
  /** Number of levels of an operation, in equal steps from no effect to the strongest; default 31. */
  readonly levels?: number;
  /** Red, green and blue as whole numbers 0 … 255, shown outside the moved picture; default black. */
  readonly fill?: readonly [red: number, green: number, blue: number];
}

/**
 * TrivialAugment: applies one operation of the wide space at one level, both drawn uniformly. Values are first rounded
 * to whole levels.
 *
 * Source: Müller and Hutter, ICCV 2021, the wide space (TA Wide). The strengths and the results are those of
 * torchvision's `TrivialAugmentWide` on Pillow's pictures.
 *
 * @throws OptionError
 */
export function trivialAugment(options: TrivialAugmentOptions = {}): Transform {
  const where = 'trivialAugment';
  checkOptionNames(where, options, ['levels', 'fill']);
  const { levels = 31, fill = [0, 0, 0] } = options;
  checkCount(where, 'options.levels', levels, { min: 2, max: 1000 });
  checkCount(where, 'options.fill.length', fill?.length, { min: 3, max: 3 });
  for (const [i, level] of fill.entries()) checkNumber(where, `options.fill[${i}]`, level, { min: 0, max: 255 });
  const operations: readonly TrivialAugmentOperation[] = Object.values(trivialAugmentOperations);
  const shown = nearestly(fill);
  return (picture, random) => {
    if (!random) return picture;
    const operation = operations[random.integer(operations.length)];
    const strength = strengthOf(operation, random.integer(levels) / (levels - 1));
    const sign = operation.signed && random.integer(2) === 1 ? -1 : 1;
    return operation.apply(toBytes(picture), sign * strength, shown);
  };
}

/**
 * In single precision, as in torchvision.
 *
 * @param share position between the weakest and the strongest strength, in [0, 1]
 */
export function strengthOf({ range: [weakest, strongest], whole }: TrivialAugmentOperation, share: number): number {
  const strength = Math.fround(weakest + (strongest - weakest) * share);
  return whole ? roundHalfToEven(strength) : strength;
}
