import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ElementScanner, eachElement, wholeFile } from '../../src/node/sets/json-elements.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-json-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The objects of lists, of a text that comes in chunks of a size. */
function scan(text: string, keys: readonly string[], size: number): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = Object.fromEntries(keys.map((key) => [key, []]));
  const visit = Object.fromEntries(keys.map((key) => [key, (value: unknown) => found[key].push(value)]));
  const scanner = new ElementScanner('test', 'file.json', visit);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) scanner.scan(bytes.subarray(at, at + size));
  scanner.end();
  return found;
}

const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 4 });

it('cuts out what JSON.parse finds, whatever the chunks, blanks and other entries', () => {
  fc.assert(
    fc.property(
      fc.record({ info: fc.jsonValue(), images: objects, licenses: objects, annotations: objects }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0, 2),
      (value, size, indent) => {
        const document = JSON.parse(JSON.stringify(value)) as typeof value;
        const { images, annotations } = document;
        const text = JSON.stringify(document, null, indent);
        expect(scan(text, ['images', 'annotations'], size)).toEqual({ images, annotations });
        expect(scan(JSON.stringify(images, null, indent), [wholeFile], size)).toEqual({ [wholeFile]: images });
      },
    ),
    { numRuns: 200 },
  );
});

it('passes over a byte order mark, and lists deeper in the file', () => {
  expect(scan('\ufeff{"a": {"images": [{"b": 1}]}, "images": [{"c": [{}]}]}', ['images'], 100)).toEqual({
    images: [{ c: [{}] }],
  });
});

it.each([
  ['', 'file.json should be a file with text in it, got an empty one'],
  ['{"images": [{"a": 1}', 'got Expected'],
  ['{"images": [{"a": 1', 'got a file that ends in element 1 of "images"'],
  ['{"images": [{"a": 1}, {"a": }]}', 'file.json, element 2 of "images", should be valid JSON'],
  ['{"images": [{"a": 1} {"a": 2}]}', 'file.json should be valid JSON'],
  ['{"images": [{"a": ]}]}', 'element 1 of "images"'],
  ['{"images": [{"a": 1}]} x', 'file.json should be valid JSON'],
  ['{"pictures": []}', 'file.json should be a file with a list "images" of objects, got none'],
  ['{"images": [1]}', 'file.json should be a file with a list "images" of objects, got something else'],
  ['{"images": {}}', 'got something else'],
  ['[{"a": 1}]', 'file.json should be a file with a list "images" of objects, got none'],
  ['null', 'got none'],
])('refuses %j', (text, message) => {
  expect(() => scan(text, ['images'], 7)).toThrow(DataError);
  expect(() => scan(text, ['images'], 7)).toThrow(message);
});

it('refuses bytes that are not UTF-8, and a file that is not there', async () => {
  const path = join(folder, 'latin1.json');
  writeFileSync(path, Buffer.from('{"images": [{"a": "\xe4"}]}', 'latin1'));
  const visit = { images: () => {} };
  await expect(eachElement('test', path, 'l.json', visit)).rejects.toThrow(
    'l.json, element 1 of "images", should be in UTF-8',
  );
  await expect(eachElement('test', join(folder, 'no.json'), 'no.json', visit)).rejects.toThrow('got no such file');
});

it.each(['{"info": "', '{"images": [{"a": "'])('keeps no more than it may of what never ends: %s', (start) => {
  const scanner = new ElementScanner('test', 'file.json', { images: () => {} });
  scanner.scan(Buffer.from(start));
  const chunk = Buffer.alloc(1 << 25, 'x');
  const scanAll = () => {
    for (let i = 0; i < 6; i++) scanner.scan(chunk);
  };
  expect(scanAll).toThrow('file.json should be made of objects of at most 134217728 bytes, got a larger one');
});
