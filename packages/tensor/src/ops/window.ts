import { OptionError, ShapeError } from '../errors.ts';

/** One number for both axes, or [height, width]. */
export type Pair = number | readonly [height: number, width: number];

/** Both axes of a {@link Pair}. @throws OptionError unless both are whole numbers of at least `minimum` */
export function readPair(where: string, name: string, value: Pair, minimum: number): [height: number, width: number] {
  const pair: [number, number] = Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number];
  const isPair = !Array.isArray(value) || value.length === 2;
  if (isPair && pair.every((size) => Number.isInteger(size) && size >= minimum && size < 2 ** 31)) return pair;
  throw new OptionError({
    where,
    argument: `options.${name}`,
    expected: `an integer of at least ${minimum}, or two for height and width`,
    received: Array.isArray(value) ? `[${value.join(', ')}]` : String(value),
  });
}

/** How a kernel slides over the rows and columns of a feature map. */
export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
}

/**
 * Number of rows and columns of the result: floor((n + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1.
 *
 * @throws ShapeError if the kernel does not fit
 */
export function outputSize(where: string, input: readonly [number, number], window: Window): [number, number] {
  const size = input.map((n, axis) => {
    const extent = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    return Math.floor((n + 2 * window.padding[axis] - extent) / window.stride[axis]) + 1;
  });
  if (size.every((n) => n >= 1)) return [size[0], size[1]];
  throw new ShapeError({
    where,
    argument: 'x',
    expected: `at least as large, with its padding, as the kernel of [${window.kernel.join(', ')}]`,
    received: `[H, W] = [${input.join(', ')}] with padding [${window.padding.join(', ')}]`,
  });
}
