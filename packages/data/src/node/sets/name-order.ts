/** How names are ordered: `string` by code point; `natural` with digits as numbers, so that 2 comes before 10. */
export type NameOrder = 'string' | 'natural';

/** All orders. */
export const nameOrders: readonly NameOrder[] = ['string', 'natural'];

/**
 * Returns a function that compares two names. If the natural order finds them equal (`01` and `1`), code points decide.
 */
export function compareNames(order: NameOrder): (a: string, b: string) => number {
  return order === 'string' ? byCodePoint : (a, b) => natural(a, b) || byCodePoint(a, b);
}

/** JavaScript's own order compares UTF-16 units, which puts some characters before others with a lower code point. */
export function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at === shorter ? a.length - b.length : (a.codePointAt(at) as number) - (b.codePointAt(at) as number);
}

function natural(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = compareParts(left[i], right[i]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A name split into runs of digits and the text between them. */
function partsOf(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

function compareParts(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return byCodePoint(a, b);
  // Numbers of any length: without leading zeros, the longer one is larger.
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || byCodePoint(x, y);
}
