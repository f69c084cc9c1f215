import { checkNumber, checkOptionNames, checkRange, type RandomStream } from '@ltml/tensor';
import { changeColour } from './change-colour.ts';
import type { FloatPicture, Transform } from './picture.ts';

/** Options of {@link photometricDistortion}. */
export interface PhotometricDistortionOptions {
  /** Largest change of brightness in levels 0 … 255, in both directions; ≥ 0, default 32. */
  readonly brightness?: number;
  /** Range of the factor for all values; default 0.5 to 1.5. */
  readonly contrast?: readonly [low: number, high: number];
  /** Range of the factor for the saturation; default 0.5 to 1.5. */
  readonly saturation?: readonly [low: number, high: number];
  /** Largest rotation of the hue in degrees, in both directions; ≥ 0, default 18. */
  readonly hue?: number;
}

/**
 * Changes light and colour, each step with probability ½: brightness; contrast (at random before or after the next
 * two); saturation; hue; a random order of the channels. Nothing is clipped.
 *
 * @throws OptionError
 * Source: the training pipeline in the released code of Wu et al. (ECCV 2020), with its values as defaults.
 */
export function photometricDistortion(options: PhotometricDistortionOptions = {}): Transform {
  checkOptionNames('photometricDistortion', options, ['brightness', 'contrast', 'saturation', 'hue']);
  const { brightness = 32, contrast = [0.5, 1.5], saturation = [0.5, 1.5], hue = 18 } = options;
  const where = 'photometricDistortion';
  checkNumber(where, 'options.brightness', brightness, { min: 0 });
  checkRange(where, 'options.contrast', contrast, { min: 0 });
  checkRange(where, 'options.saturation', saturation, { min: 0 });
  checkNumber(where, 'options.hue', hue, { min: 0 });
  return (picture, random) => {
    if (!random) return picture;
    const pixels = Float32Array.from(picture.pixels);
    const chance = (): boolean => random.uniform() < 0.5;
    const changeContrast = (): void => {
      if (chance()) scale(pixels, random.uniform(...contrast));
    };
    if (chance()) shift(pixels, random.uniform(-brightness, brightness));
    const contrastFirst = chance();
    if (contrastFirst) changeContrast();
    const factor = chance() ? random.uniform(...saturation) : 1;
    const turn = chance() ? random.uniform(-hue, hue) : 0;
    if (factor !== 1 || turn !== 0) changeColour(pixels, factor, turn);
    if (!contrastFirst) changeContrast();
    return chance() ? permuteChannels({ ...picture, pixels }, random) : { ...picture, pixels };
  };
}

function shift(pixels: Float32Array, by: number): void {
  for (let at = 0; at < pixels.length; at++) pixels[at] += by;
}

function scale(pixels: Float32Array, by: number): void {
  for (let at = 0; at < pixels.length; at++) pixels[at] *= by;
}

function permuteChannels(picture: FloatPicture, random: RandomStream): FloatPicture {
  const order = random.permutation(3);
  return { ...picture, pixels: picture.pixels.map((_, at) => picture.pixels[at - (at % 3) + order[at % 3]]) };
}
