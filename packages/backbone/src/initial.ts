import { Conv2d, constant, type Initializer, RandomStream } from '@ltml/tensor';

/**
 * How a layer starts: drawn from a stream; or, where there is none because weights are loaded right after, at zero, which
 * is much faster for a hundred million numbers.
 */
export function initial(
  random: RandomStream | undefined,
  initializer: Initializer,
): { readonly initializer: Initializer; readonly random: RandomStream } {
  return random ? { initializer, random } : { initializer: constant(0), random: new RandomStream(0) };
}

export interface ConvolutionOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Odd; it is padded by half of it, rounded down. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 1. */
  readonly groups?: number;
  readonly initializer: Initializer;
  readonly random: RandomStream | undefined;
}

/** The convolutions of residual networks: without a bias, since a batch norm follows. */
export function convolution({ initializer, random, kernel, ...options }: ConvolutionOptions): Conv2d {
  return new Conv2d({
    ...options,
    kernel,
    padding: Math.floor(kernel / 2),
    bias: false,
    ...initial(random, initializer),
  });
}
