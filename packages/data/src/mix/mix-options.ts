import { checkNumber, checkOptionNames } from '@ltml/tensor';

/** Options of {@link mixup} and {@link cutmix}. */
export interface MixOptions {
  /**
   * α > 0 of the Beta(α, α) distribution of shares. Below 1 most shares are near 0 and 1, at 1 they are uniform, above
   * 1 most are near one half.
   */
  readonly alpha?: number;
  /** Probability that an image is mixed, in [0, 1]; default 1. */
  readonly probability?: number;
}

/** Checks the options and fills in the defaults. @throws OptionError */
export function checkMixOptions(where: string, options: MixOptions, defaultAlpha: number): Required<MixOptions> {
  checkOptionNames(where, options, ['alpha', 'probability']);
  const { alpha = defaultAlpha, probability = 1 } = options;
  checkNumber(where, 'options.alpha', alpha, { above: 0, max: 1000 });
  checkNumber(where, 'options.probability', probability, { min: 0, max: 1 });
  return { alpha, probability };
}
