import { checkCount, checkFlag, OptionError, type Pair } from '@ltml/tensor';

/** Checks that every named size is a whole number from 1. @throws OptionError */
export function checkSizes(where: string, sizes: Readonly<Record<string, unknown>>): void {
  for (const [name, size] of Object.entries(sizes)) checkCount(where, name, size);
}

/** Checks that every named option is a boolean or left out. @throws OptionError */
export function checkFlags(where: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [name, flag] of Object.entries(flags)) if (flag !== undefined) checkFlag(where, name, flag);
}

/** Checks that a value is a list of whole numbers from 1, with the given length or at least one. @throws OptionError */
export function checkSizeList(where: string, argument: string, sizes: unknown, length?: number): void {
  const isList = Array.isArray(sizes) && (length === undefined ? sizes.length > 0 : sizes.length === length);
  if (!isList) {
    const expected = `a list of ${length ?? 'one or more'} whole numbers`;
    const received = Array.isArray(sizes) ? `${sizes.length}` : typeof sizes;
    throw new OptionError({ where, argument, expected, received });
  }
  for (const [i, size] of sizes.entries()) checkCount(where, `${argument}[${i}]`, size);
}

/** Checks that a value is a function or left out. @throws OptionError */
export function checkFunction(where: string, argument: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new OptionError({ where, argument, expected: 'a function', received: value === null ? 'null' : typeof value });
}

/** Checks that a value is a list of strings. @throws OptionError */
export function checkTexts(where: string, argument: string, texts: unknown): void {
  const isList = Array.isArray(texts);
  const stray = isList ? texts.findIndex((text) => typeof text !== 'string') : -1;
  if (isList && stray < 0) return;
  const received = isList ? `${typeof texts[stray]} at place ${stray}` : typeof texts;
  throw new OptionError({ where, argument, expected: 'a list of texts', received });
}

/** Height and width of images. @throws OptionError unless they are whole numbers from 1 */
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

/** Checks that the heads divide the width. @throws OptionError */
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
