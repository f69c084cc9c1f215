import { DataError } from '@ltml/tensor';

/** An array from NumPy, in row-major order. */
export interface NumpyArray {
  readonly shape: readonly number[];
  /** The dtype as NumPy writes it, without byte order: `i4`, `f8`, `U12`, `O` … */
  readonly dtype: string;
  /** The values, row-major. Whole numbers of 8 bytes that a double cannot represent are bigint. */
  readonly values: readonly unknown[];
}

const where = 'NumpyArray';

type Read = (view: DataView, at: number, little: boolean) => unknown;

const numbers: Readonly<Record<string, Read>> = {
  b1: (view, at) => view.getUint8(at) !== 0,
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => wholeNumber(view.getBigInt64(at, little)),
  u8: (view, at, little) => wholeNumber(view.getBigUint64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** A number if a double represents it exactly, otherwise the bigint. */
export function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/**
 * Makes an array from its bytes.
 *
 * @param descr the dtype with byte order, e.g. `<i4`, `|i1`, `U12`, `S3`
 * @param isFortran whether the bytes are column-major
 * @throws DataError on another dtype, or if the number of bytes does not fit the shape
 */
export function numpyArray(shape: readonly number[], descr: string, isFortran: boolean, bytes: Uint8Array): NumpyArray {
  const [, order, dtype, kind, size] = /^([<>|=]?)(([a-zA-Z])(\d+))$/.exec(descr) ?? [];
  const count = entriesOf(shape);
  const width = kind === 'U' ? 4 * Number(size) : Number(size);
  const read: Read | undefined = kind === 'U' || kind === 'S' ? textOf(kind, Number(size)) : numbers[dtype ?? ''];
  if (!read) throw new DataError({ where, argument: 'dtype', expected: 'numbers, texts or objects', received: descr });
  // A file could claim any number of strings of length 0.
  if (count === undefined || bytes.length !== count * width || (width === 0 && count > 0)) {
    const expected = `as many bytes as shape [${shape.join(', ')}] of ${descr} needs`;
    throw new DataError({ where, argument: 'values', expected, received: `${bytes.length}` });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flat = Array.from({ length: count }, (_, i) => read(view, i * width, order !== '>'));
  return { shape, dtype, values: isFortran ? inRows(flat, shape) : flat };
}

/** The number of entries of a shape; undefined if a side is not a valid count. */
export function entriesOf(shape: readonly unknown[]): number | undefined {
  if (!shape.every((side) => Number.isSafeInteger(side) && (side as number) >= 0)) return undefined;
  return (shape as readonly number[]).reduce((product, side) => product * side, 1);
}

/** NumPy pads strings with zeros. */
function textOf(kind: string, size: number): Read {
  if (kind === 'S') {
    return (view, at) => {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at, size);
      return new TextDecoder().decode(bytes).replace(/\0+$/, '');
    };
  }
  return (view, at, little) => {
    const points = Array.from({ length: size }, (_, i) => view.getUint32(at + 4 * i, little));
    // An invalid code point becomes the replacement character.
    const letters = points.map((point) => String.fromCodePoint(point > 0x10ffff ? 0xfffd : point));
    return letters.join('').replace(/\0+$/, '');
  };
}

function inRows(flat: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  return flat.map((_, index) => {
    let rest = index;
    let at = 0;
    for (let axis = shape.length - 1, stride = flat.length; axis >= 0; axis--) {
      stride /= shape[axis];
      at += (rest % shape[axis]) * stride;
      rest = Math.floor(rest / shape[axis]);
    }
    return flat[at];
  });
}
