import { DataError } from '@ltml/tensor';
import { entriesOf, type NumpyArray, numpyArray, wholeNumber } from './numpy-array.ts';

/** The functions that a pickle may call, implemented here as plain data: no code of the file is ever run. */
const calls: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  'numpy.core.multiarray _reconstruct': () => new PendingArray(),
  'numpy._core.multiarray _reconstruct': () => new PendingArray(),
  'numpy dtype': ([descr]) => new PendingDtype(String(descr)),
  'numpy.core.multiarray scalar': scalar,
  'numpy._core.multiarray scalar': scalar,
  'numpy.core.numeric _frombuffer': fromBuffer,
  'numpy._core.numeric _frombuffer': fromBuffer,
  '_codecs encode': ([text]) => Uint8Array.from(String(text), (letter) => letter.charCodeAt(0)),
  'builtins set': setOf,
  '__builtin__ set': setOf,
  'builtins frozenset': setOf,
  '__builtin__ frozenset': setOf,
  'builtins bytearray': ([bytes]) => bytes ?? new Uint8Array(),
};

/** Largest number of bytes of a whole number. Lists need no more, and parsing time grows with the square. */
const mostDigits = 100;

/** Names that are only allowed as arguments. */
const named: ReadonlySet<string> = new Set(['numpy ndarray']);

class Name {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

class PendingDtype {
  readonly descr: string;
  order = '<';

  constructor(descr: string) {
    this.descr = descr;
  }
}

/** An array whose content follows later; references to it stay valid. */
class PendingArray implements NumpyArray {
  shape: readonly number[] = [];
  dtype = 'O';
  values: readonly unknown[] = [];
}

function setOf([items = []]: readonly unknown[]): Set<unknown> {
  if (Array.isArray(items) || items instanceof Set) return new Set(items as Iterable<unknown>);
  throw refuse('a set of a list', 'another');
}

function scalar(args: readonly unknown[]): unknown {
  const [dtype, bytes] = args;
  if (!(dtype instanceof PendingDtype) || !(bytes instanceof Uint8Array)) throw refuse('a scalar of NumPy', 'another');
  return numpyArray([], dtype.order + dtype.descr, false, bytes).values[0];
}

function fromBuffer([bytes, dtype, shape, order]: readonly unknown[]): NumpyArray {
  if (!(dtype instanceof PendingDtype) || !(bytes instanceof Uint8Array) || !Array.isArray(shape)) {
    throw refuse('an array of NumPy', 'another');
  }
  return numpyArray(shape, dtype.order + dtype.descr, order === 'F', bytes);
}

/** Fills in the state of an array: version, shape, dtype, order, and bytes or a list of objects. */
function fill(array: PendingArray, state: unknown): void {
  const [, shape, dtype, isFortran, content] = Array.isArray(state) ? (state as readonly unknown[]) : [];
  if (!Array.isArray(shape) || !(dtype instanceof PendingDtype)) throw refuse('the state of an array', 'another');
  if (Array.isArray(content)) {
    const count = entriesOf(shape);
    if (content.length !== count) throw refuse(`${count} objects of an array`, `${content.length}`);
    Object.assign(array, { shape, dtype: 'O', values: content });
  } else if (content instanceof Uint8Array) {
    Object.assign(array, numpyArray(shape, dtype.order + dtype.descr, isFortran === true, content));
  } else throw refuse('the bytes of an array', typeof content);
}

function refuse(expected: string, received: string, at?: number): DataError {
  const argument = at === undefined ? 'bytes' : `byte ${at}`;
  return new DataError({ where: 'readPickle', argument, expected, received });
}

/**
 * Reads the data of a Python pickle, protocols 0 to 5: numbers, strings, bytes, lists and tuples (arrays), dictionaries
 * (Map), sets, and NumPy arrays. Everything else that the pickle names is refused: nothing is imported, called or run.
 *
 * @throws DataError naming the byte, if the pickle is incomplete or names another class or function
 */
export function readPickle(bytes: Uint8Array): unknown {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const marks: number[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;
  const take = (count: number): Buffer => {
    if (count < 0 || at + count > file.length) throw refuse('a complete pickle', 'an incomplete one', at);
    at += count;
    return file.subarray(at - count, at);
  };
  const line = (): string => {
    const end = file.indexOf(10, at);
    if (end < 0) throw refuse('a complete pickle', 'an incomplete one', at);
    // Latin-1 with escapes, as protocol 0 writes strings; names of modules are letters only.
    const text = file.toString('latin1', at, end);
    at = end + 1;
    return text;
  };
  const pop = (): unknown => {
    if (stack.length === (marks[marks.length - 1] ?? 0))
      throw refuse('a complete pickle', 'one that uses a missing value', at);
    return stack.pop();
  };
  const popMark = (): unknown[] => {
    const mark = marks.pop();
    if (mark === undefined) throw refuse('a complete pickle', 'one with a missing mark', at);
    return stack.splice(mark);
  };
  const top = <T>(kind: abstract new (...args: never[]) => T): T => {
    const value = stack[stack.length - 1];
    if (value instanceof kind) return value;
    throw refuse(`a ${kind.name}`, 'something else', at);
  };
  const size8 = (): number => Number(take(8).readBigUInt64LE());
  const text = (count: number): number => stack.push(take(count).toString('utf8'));
  const long = (count: number): void => {
    if (count > mostDigits) throw refuse(`a whole number of at most ${mostDigits} bytes`, `${count}`, at);
    const digits = take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i]);
    if (count > 0 && digits[count - 1] > 127) value -= 1n << BigInt(8 * count);
    stack.push(wholeNumber(value));
  };
  const name = (module: unknown, member: unknown): void => {
    const full = `${module} ${member}`;
    if (!Object.hasOwn(calls, full) && !named.has(full)) {
      throw refuse('data only, with arrays of NumPy', `${String(module)}.${String(member)}, which is not run`, at);
    }
    stack.push(new Name(full));
  };
  const reduce = (): void => {
    const args = pop();
    const called = pop();
    if (!(called instanceof Name) || !Object.hasOwn(calls, called.name) || !Array.isArray(args)) {
      throw refuse('data only', 'a call', at);
    }
    stack.push(calls[called.name](args));
  };
  const build = (): void => {
    const state = pop();
    const value = stack[stack.length - 1];
    if (value instanceof PendingArray) fill(value, state);
    else if (value instanceof PendingDtype && Array.isArray(state)) value.order = String(state[1]);
    else throw refuse('data only', 'the state of an object', at);
  };
  const setItems = (pairs: readonly unknown[]): void => {
    const map = top(Map<unknown, unknown>);
    for (let i = 0; i + 1 < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
  };
  const get = (index: number): void => {
    if (!memo.has(index)) throw refuse('a complete pickle', 'one that refers to a missing value', at);
    stack.push(memo.get(index));
  };
  const put = (index: number): unknown => memo.set(index, stack[stack.length - 1]);
  const tuple = (count: number): void => {
    const items = Array.from({ length: count }, pop);
    stack.push(items.reverse());
  };
  const integer = (digits: string): unknown => {
    // In protocol 0, 00 and 01 mean false and true.
    if (digits === '00' || digits === '01') return digits === '01';
    if (!/^-?\d+L?$/.test(digits) || digits.length > mostDigits)
      throw refuse('a whole number', digits.slice(0, 40), at);
    return wholeNumber(BigInt(digits.replace('L', '')));
  };

  const opcodes: Readonly<Record<string, () => unknown>> = {
    '\x80': () => take(1),
    '\x95': () => take(8),
    '(': () => marks.push(stack.length),
    '0': pop,
    '1': popMark,
    '2': () => stack.push(stack[stack.length - 1]),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    I: () => stack.push(integer(line())),
    L: () => stack.push(integer(line())),
    J: () => stack.push(take(4).readInt32LE()),
    K: () => stack.push(take(1)[0]),
    M: () => stack.push(take(2).readUInt16LE()),
    '\x8a': () => long(take(1)[0]),
    '\x8b': () => long(take(4).readInt32LE()),
    F: () => stack.push(Number(line())),
    G: () => stack.push(take(8).readDoubleBE()),
    V: () => stack.push(unescaped(line())),
    X: () => text(take(4).readUInt32LE()),
    '\x8c': () => text(take(1)[0]),
    '\x8d': () => text(size8()),
    // Strings of Python 2.
    S: () => stack.push(line().slice(1, -1)),
    T: () => text(take(4).readInt32LE()),
    U: () => text(take(1)[0]),
    B: () => stack.push(Uint8Array.from(take(take(4).readUInt32LE()))),
    C: () => stack.push(Uint8Array.from(take(take(1)[0]))),
    '\x8e': () => stack.push(Uint8Array.from(take(size8()))),
    '\x96': () => stack.push(Uint8Array.from(take(size8()))),
    ']': () => stack.push([]),
    ')': () => stack.push([]),
    '}': () => stack.push(new Map()),
    '\x8f': () => stack.push(new Set()),
    a: () => {
      const item = pop();
      top(Array<unknown>).push(item);
    },
    e: () => {
      const items = popMark();
      const list = top(Array<unknown>);
      for (const item of items) list.push(item);
    },
    l: () => stack.push(popMark()),
    t: () => stack.push(popMark()),
    '\x85': () => tuple(1),
    '\x86': () => tuple(2),
    '\x87': () => tuple(3),
    d: () => {
      const pairs = popMark();
      stack.push(new Map());
      setItems(pairs);
    },
    s: () => {
      const value = pop();
      setItems([pop(), value]);
    },
    u: () => setItems(popMark()),
    '\x90': () => {
      const items = popMark();
      for (const item of items) top(Set<unknown>).add(item);
    },
    '\x91': () => stack.push(new Set(popMark())),
    g: () => get(Number(line())),
    h: () => get(take(1)[0]),
    j: () => get(take(4).readUInt32LE()),
    p: () => put(Number(line())),
    q: () => put(take(1)[0]),
    r: () => put(take(4).readUInt32LE()),
    '\x94': () => put(memo.size),
    c: () => name(line(), line()),
    '\x93': () => {
      const member = pop();
      name(pop(), member);
    },
    R: reduce,
    b: build,
  };
  for (;;) {
    const code = String.fromCharCode(take(1)[0]);
    if (code === '.') return pop();
    if (!Object.hasOwn(opcodes, code)) {
      throw refuse('data only', `opcode ${JSON.stringify(code)}, which makes objects or is unknown`, at - 1);
    }
    opcodes[code]();
  }
}

/** In protocol 0, strings escape characters outside Latin-1. */
function unescaped(text: string): string {
  return text.replace(/\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})/g, (_, short?: string, long?: string) => {
    const point = Number.parseInt(short ?? (long as string), 16);
    return String.fromCodePoint(point > 0x10ffff ? 0xfffd : point);
  });
}
