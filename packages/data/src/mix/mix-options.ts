import { checkNumber, checkOptionNames } from '@ltml/tensor';

export interface MixOptions {
  /** α of the Beta(α, α) that shares come from: below 1 mostly near 0 and 1, 1 uniform, above 1 mostly near one half. */
  readonly alpha?: number;
  /** Probability with which an image is mixed; default 1. */
  readonly probability?: number;
}

/** @throws OptionError */
export function checkMixOptions(where: string, options: MixOptions, defaultAlpha: number): Required<MixOptions> {
  checkOptionNames(where, options, ['alpha', 'probability']);
  const { alpha = defaultAlpha, probability = 1 } = options;
  checkNumber(where, 'options.alpha', alpha, { above: 0, max: 1000 });
  checkNumber(where, 'options.probability', probability, { min: 0, max: 1 });
  return { alpha, probability };
}
