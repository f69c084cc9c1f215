import { checkCount, OptionError, type Pair } from '@ltml/tensor';

/** @throws OptionError unless every one of the named sizes is a whole number from 1 */
export function checkSizes(where: string, sizes: Readonly<Record<string, unknown>>): void {
  for (const [name, size] of Object.entries(sizes)) checkCount(where, name, size);
}

/** The sides of images. @throws OptionError unless they are whole numbers from 1 */
export function imageSides(where: string, imageSize: Pair): readonly [height: number, width: number] {
  const sides = typeof imageSize === 'number' ? [imageSize, imageSize] : imageSize;
  if (Array.isArray(sides) && sides.length === 2 && sides.every((side) => Number.isSafeInteger(side) && side >= 1)) {
    return sides as [number, number];
  }
  throw new OptionError({
    where,
    argument: 'imageSize',
    expected: 'a whole number from 1, or [height, width]',
    received: `${imageSize}`,
  });
}

/** @throws OptionError unless the heads share the width equally */
export function checkHeads(where: string, width: number, heads: unknown): void {
  checkCount(where, 'heads', heads, { min: 1, max: width });
  if (width % (heads as number) === 0) return;
  throw new OptionError({
    where,
    argument: 'heads',
    expected: `a divisor of the width ${width}`,
    received: `${heads}`,
  });
}
