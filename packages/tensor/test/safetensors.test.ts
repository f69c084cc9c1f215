import { DataError, type HostTensor, RandomStream, readSafetensors, writeSafetensors } from '@ltml/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smallFile } from './mutated-files.ts';
import { readMutated } from './safetensors-mutated.ts';

const text = new TextEncoder();

/** A file of any header, sound or not. */
function makeFile(header: unknown, dataLength: number, headerLength?: number): Uint8Array {
  const json = text.encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  file.set(json, 8);
  return file;
}

const entry = (dtype: string, shape: unknown, ...offsets: unknown[]) => ({ dtype, shape, data_offsets: offsets });

test('reads a file written by hand', () => {
  const file = makeFile({ __metadata__: { made: 'by hand' }, 'a.weight': entry('F32', [1, 2], 0, 8) }, 8);
  file.set([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], file.length - 8);
  expect(readSafetensors(file)).toEqual({
    tensors: new Map([['a.weight', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) }]]),
    metadata: { made: 'by hand' },
  });
});

test('writes the same bytes whatever the order, the widest numbers first, data at a multiple of 8', () => {
  const tensors: [string, HostTensor][] = [
    ['mask', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ['b', { dtype: 'F32', shape: [1], data: Float32Array.of(2) }],
    ['a', { dtype: 'F32', shape: [], data: Float32Array.of(1) }],
    ['count', { dtype: 'I64', shape: [1], data: BigInt64Array.of(-5n) }],
  ];
  const bytes = writeSafetensors(new Map(tensors), { metadata: { b: '2', a: '1' } });
  expect(writeSafetensors(new Map(tensors.reverse()), { metadata: { a: '1', b: '2' } })).toEqual(bytes);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect((8 + length) % 8).toBe(0);
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  expect(header.trimEnd()).toBe(
    '{"__metadata__":{"a":"1","b":"2"},' +
      '"count":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},' +
      '"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},' +
      '"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]}}',
  );
});

const tensorOf = fc
  .record({
    dtype: fc.constantFrom('F32', 'F64', 'I32', 'I64', 'U8', 'BOOL'),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    seed: fc.nat(),
  })
  .map(({ dtype, shape, seed }): HostTensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    const widths = { F32: 4, F64: 8, I32: 4, I64: 8, U8: 1, BOOL: 1 };
    const bytes = Uint8Array.from({ length: size * widths[dtype] }, (_, i) => {
      const byte = Math.imul(seed + i, 0x9e3779b1) >>> 24;
      return dtype === 'BOOL' ? byte & 1 : byte;
    });
    const arrays = { F32: Float32Array, F64: Float64Array, I32: Int32Array, I64: BigInt64Array, U8: Uint8Array };
    return { dtype, shape, data: new arrays[dtype === 'BOOL' ? 'U8' : dtype](bytes.buffer) };
  });

const bytesOf = ({ dtype, shape, data }: HostTensor) => ({
  dtype,
  shape,
  bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
});

test('any tensors, names and metadata come back bit for bit', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', '0', 'a"b\\', 'ü', '{', 'layer4.0.conv1.weight'));
  const anything = fc.record({
    tensors: fc.uniqueArray(fc.tuple(name, tensorOf), { selector: ([key]) => key, maxLength: 6 }),
    metadata: fc.dictionary(name, fc.string()),
  });
  fc.assert(
    fc.property(anything, ({ tensors, metadata }) => {
      const given = new Map(tensors.filter(([key]) => key !== '__metadata__'));
      const read = readSafetensors(writeSafetensors(given, { metadata }));
      expect(new Set(read.tensors.keys())).toEqual(new Set(given.keys()));
      for (const [key, tensor] of given) expect(bytesOf(read.tensors.get(key)!)).toEqual(bytesOf(tensor));
      expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
    }),
    { seed: 3 },
  );
});

test('reads from the middle of a buffer, unaligned, and keeps nothing of it', () => {
  const file = writeSafetensors(new Map([['x', { dtype: 'F64', shape: [2], data: Float64Array.of(1, 2) }]]));
  const buffer = Buffer.alloc(file.length + 3);
  buffer.set(file, 3);
  const { tensors } = readSafetensors(buffer.subarray(3));
  buffer.fill(0);
  expect(tensors.get('x')?.data).toEqual(Float64Array.of(1, 2));
});

describe('refuses', () => {
  const refuses = (file: Uint8Array, message: RegExp) => {
    expect(() => readSafetensors(file)).toThrow(DataError);
    expect(() => readSafetensors(file)).toThrow(message);
  };

  test('a file too short for a header, or shorter than it says', () => {
    refuses(new Uint8Array(0), /at least 8 bytes/);
    refuses(new Uint8Array(7), /at least 8 bytes/);
    refuses(makeFile({}, 0, 3), /header of at most 2 bytes, got the length 3/);
    refuses(makeFile({ a: entry('F32', [2], 0, 8) }, 4), /8 bytes of data, as its header says, got 4/);
  });

  test('an absurd header length', () => {
    refuses(makeFile({}, 0, Number.MAX_SAFE_INTEGER), /the length 9007199254740991/);
    const largest = makeFile({}, 0);
    largest.fill(0xff, 0, 8);
    refuses(largest, /header of at most/);
  });

  test('a header that is not a JSON object in UTF-8', () => {
    refuses(makeFile('nonsense', 0), /JSON in UTF-8/);
    refuses(makeFile('', 0), /JSON in UTF-8/);
    refuses(makeFile('[]', 0), /JSON object/);
    refuses(makeFile(' {}', 0), /JSON object/);
    const broken = makeFile('{"a":1}', 0);
    broken[10] = 0xff;
    refuses(broken, /JSON in UTF-8/);
  });

  test('metadata that is not text', () => {
    refuses(makeFile({ __metadata__: { a: 1 } }, 0), /__metadata__ maps names to strings/);
    refuses(makeFile({ __metadata__: ['a'] }, 0), /__metadata__/);
  });

  test('a name that stands twice, also when it is written otherwise', () => {
    const tensor = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
    refuses(makeFile(`{"a":${tensor},"b":${tensor},"a":${tensor}}`, 0), /each name once, got "a" twice/);
    refuses(makeFile(`{"a":${tensor}, "\\u0061" :${tensor}}`, 0), /"a" twice/);
    refuses(makeFile('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"shape":[1]}}', 1), /"shape" twice/);
    refuses(makeFile('{"__metadata__":{"x":"1","x":"2"}}', 0), /"x" twice/);
  });

  test('not a name that stands in two objects, or as a value', () => {
    const file = makeFile({ __metadata__: { a: 'a', dtype: '{"a":1,"a":1}' }, a: entry('U8', [0], 0, 0) }, 0);
    expect([...readSafetensors(file).tensors.keys()]).toEqual(['a']);
  });

  test('an entry that is not one', () => {
    refuses(makeFile({ a: 5 }, 0), /"a" has a dtype, a shape and two data_offsets, got 5/);
    refuses(makeFile({ a: null }, 0), /got null/);
    refuses(makeFile({ a: { ...entry('U8', [1], 0, 1), more: 1 } }, 1), /"a" has a dtype/);
    refuses(makeFile({ a: entry('U8', [1], 0) }, 1), /two data_offsets/);
    refuses(makeFile({ a: entry('U8', [1.5], 0, 1) }, 1), /a shape/);
    refuses(makeFile({ a: entry('U8', [-1], 0, 1) }, 1), /a shape/);
    refuses(makeFile({ a: entry('U8', 1, 0, 1) }, 1), /a shape/);
  });

  test('an unknown type, naming those it knows', () => {
    refuses(makeFile({ a: entry('F8_E4M3', [1], 0, 1) }, 1), /one of the types F64, I64, .*, got F8_E4M3/);
    refuses(makeFile({ a: entry('toString', [1], 0, 1) }, 1), /one of the types/);
  });

  test('a shape that does not fit the offsets', () => {
    refuses(makeFile({ a: entry('F32', [3], 0, 8) }, 8), /"a", F32 \[3\], takes 12 bytes, got offsets 0 to 8/);
    refuses(makeFile({ a: entry('F32', [2], 8, 0) }, 8), /takes 8 bytes/);
    refuses(makeFile({ a: entry('U8', [2 ** 32, 2 ** 32], 0, 0) }, 0), /takes/);
  });

  test('gaps, overlaps and data that nobody owns', () => {
    refuses(makeFile({ a: entry('U8', [1], 1, 2) }, 2), /"a" begins at byte 0 of the data, got 1/);
    refuses(makeFile({ a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, 3), /"b" begins at byte 2/);
    refuses(makeFile({ a: entry('U8', [2], 0, 2), b: entry('U8', [2], 3, 5) }, 5), /"b" begins at byte 2/);
    refuses(makeFile({ a: entry('U8', [2], 0, 2) }, 3), /2 bytes of data, as its header says, got 3/);
    refuses(makeFile({ a: entry('U8', [9], 0, 9) }, 3), /9 bytes of data/);
  });

  test('a truth value that is neither 0 nor 1', () => {
    const file = makeFile({ a: entry('BOOL', [2], 0, 2) }, 2);
    file[file.length - 1] = 2;
    refuses(file, /"a" should be made of 0 and 1, because its type is BOOL, got 2 at 1/);
  });

  test('to write data that does not fit its shape or type, or takes the name of the metadata', () => {
    const write = (name: string, tensor: unknown) => () => writeSafetensors(new Map([[name, tensor as HostTensor]]));
    expect(write('a', { dtype: 'F32', shape: [3], data: new Float32Array(2) })).toThrow(/3 numbers of F32/);
    expect(write('a', { dtype: 'F32', shape: [2], data: new Float64Array(2) })).toThrow(/got Float64Array of 2/);
    expect(write('a', { dtype: 'F16', shape: [2], data: new Uint16Array(2) })).toThrow(DataError);
    expect(write('__metadata__', { dtype: 'U8', shape: [1], data: new Uint8Array(1) })).toThrow(/named differently/);
    expect(() => writeSafetensors(new Map(), { half: true } as object)).toThrow(/metadata, float32As/);
  });
});

test('a random file is refused or read, never anything else', () => {
  const header = fc.oneof(
    fc.json(),
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(header, fc.nat(20), (json, length) => {
      try {
        readSafetensors(makeFile(json, length));
      } catch (error) {
        expect(DataError.is(error)).toBe(true);
      }
    }),
    { seed: 4, numRuns: 300 },
  );
});

describe('files from elsewhere', () => {
  const withHeader = (header: string): Uint8Array => {
    const text = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + text.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes;
  };

  test('2,000 mutated files are read rightly or refused by a DataError', () => {
    const random = new RandomStream(1);
    const file = smallFile();
    const counts = { read: 0, refused: 0 };
    for (let i = 0; i < 2000; i++) counts[readMutated(file, random)]++;
    expect(counts.read).toBeGreaterThan(20);
    expect(counts.refused).toBeGreaterThan(1000);
  });

  test.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 123\n', /a text file, a Git LFS pointer/],
    ['<!DOCTYPE html><html></html>', /a text file, a web page/],
    ['\n\n <html lang="en"></html>', /a text file, a web page/],
    ['{"model": 1, "other": 2}', /a text file that begins with "\{\\"model/],
  ])('text in the place of a file is called so: %j', (text, message) => {
    const read = (): unknown => readSafetensors(new TextEncoder().encode(text));
    expect(read).toThrow(message);
    expect(read).toThrow(expect.toSatisfy(DataError.is));
  });

  test.each([
    ['a value', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['a value of objects', `{"a":${'{"b":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    ['metadata', `{"__metadata__":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['brackets alone', '['.repeat(1_000_000)],
    ['many values', `{"a":[${'1,'.repeat(3_000_000)}1]}`],
  ])('nesting of 100,000 and more is refused by a DataError: %s', (_, header) => {
    const start = performance.now();
    expect(() => readSafetensors(withHeader(header))).toThrow(expect.toSatisfy(DataError.is));
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test.each([{ step: 3 }, { note: null }, { note: ['a'] }, [], 'text', null, 3])(
    'metadata that is no text by name is refused when it is written: %j',
    (metadata) => {
      const write = (): unknown => writeSafetensors(new Map(), { metadata: metadata as never });
      expect(write).toThrow(/options\.metadata/);
      expect(write).toThrow(expect.toSatisfy(DataError.is));
    },
  );

  test.each([undefined, null, [1], 'F32'])('a tensor whose data is no typed array is refused: %j', (data) => {
    const tensor = { dtype: 'F32', shape: [1], data } as never;
    expect(() => writeSafetensors(new Map([['a', tensor]]))).toThrow(expect.toSatisfy(DataError.is));
  });
});
