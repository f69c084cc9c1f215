import { Conv2d, constant, type Initializer, RandomStream } from '@ltml/tensor';

/**
 * The initial value of a layer: drawn from a stream, or zero without one. Zero is much faster for a hundred million
 * numbers, and is used if weights are loaded afterwards.
 */
export function initial(
  random: RandomStream | undefined,
  initializer: Initializer,
): { readonly initializer: Initializer; readonly random: RandomStream } {
  return random ? { initializer, random } : { initializer: constant(0), random: new RandomStream(0) };
}

/** Options of {@link convolution}. */
export interface ConvolutionOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** An odd kernel size; the padding is half of it, rounded down. */
  readonly kernel: number;
  /** Stride; default 1. */
  readonly stride?: number;
  /** Number of groups; default 1. */
  readonly groups?: number;
  readonly initializer: Initializer;
  readonly random: RandomStream | undefined;
}

/** A convolution of a residual network. It has no bias, because a batch norm follows. */
export function convolution({ initializer, random, kernel, ...options }: ConvolutionOptions): Conv2d {
  return new Conv2d({
    ...options,
    kernel,
    padding: Math.floor(kernel / 2),
    bias: false,
    ...initial(random, initializer),
  });
}
