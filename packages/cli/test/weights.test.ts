import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../src/program.ts';

const fixtures = fileURLToPath(new URL('../../backbone/test/fixtures/backbone/', import.meta.url));

let folder: string;
let printed: string[];
let complaints: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-weights-'));
  [printed, complaints] = [[], []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text).trimEnd()) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(String(text).trimEnd()) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('inspect tells layout, network and number formats of a file', async () => {
  const weights = fileURLToPath(new URL('../../backbone/weights/resnet-tiny.safetensors', import.meta.url));
  expect(await main(['weights', 'inspect', weights, '--tensors'])).toBe(0);
  expect(printed[0]).toMatch(/^layout {4}torchvision ResNet$/m);
  expect(printed[0]).toMatch(/^metadata {2}task: /m);
  expect(printed[0]).toMatch(/^F16 {3}\[24, 3, 3, 3\] conv1\.weight$/m);
});

test('inspect prints JSON, also of a file that is no checkpoint', async () => {
  expect(await main(['weights', 'inspect', join(fixtures, 'tiny_vit_hf_names.safetensors'), '--json'])).toBe(0);
  const summary = JSON.parse(printed[0]);
  // The names there begin with `w/`.
  expect(summary).toMatchObject({ layout: null, network: null, formats: { F32: expect.any(Number) } });
  expect(summary.reason).toMatch(/those of .*Hugging Face ViT/);
});

test('a pickle is refused with the command that converts it', async () => {
  const file = join(folder, 'resnet50.pth');
  writeFileSync(file, Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0));
  expect(await main(['weights', 'inspect', file])).toBe(1);
  expect(complaints[0]).toMatch(/safetensors file, got a zip archive/);
  // One line, to be pasted.
  expect(complaints[0]).toMatch(/python3 -c "import [^\\]*save_file\(/);
  expect(complaints[0]).toContain(join(folder, 'resnet50.safetensors'));
});

const whole = (header: string, data = 0): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};
const entry = (name: string, begin: number, end: number, shape = (end - begin) / 4): string =>
  `"${name}":{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`;

test.each([
  ['nothing in it', new Uint8Array(0)],
  ['a header cut off', whole(`{${entry('conv1.weight', 0, 8)}}`, 8).subarray(0, 30)],
  ['data cut off', whole(`{${entry('conv1.weight', 0, 8)}}`, 4)],
  ['data too much', whole(`{${entry('conv1.weight', 0, 8)}}`, 12)],
  ['a header longer than the machine has memory', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 123, 125)],
  ['no JSON', whole('conv1.weight')],
  ['tensors that overlap', whole(`{${entry('a', 0, 8)},${entry('b', 4, 12)}}`, 12)],
  ['a shape beyond its data', whole(`{${entry('a', 0, 8, 2 ** 40)}}`, 8)],
  ['offsets before the data', whole(`{${entry('a', -8, 0, 2)}}`, 0)],
  ['the same name twice', whole(`{${entry('a', 0, 8)},${entry('a', 8, 16)}}`, 16)],
])('a file with %s is refused in one line that says why', async (_, bytes) => {
  const file = join(folder, 'model.safetensors');
  writeFileSync(file, bytes);
  expect(await main(['weights', 'inspect', file])).toBe(1);
  expect(printed).toEqual([]);
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toMatch(/ should be .*, got /);
  expect(complaints[0].trim().split('\n')).toHaveLength(1);
});

test('a file that is not there fails with its name', async () => {
  expect(await main(['weights', 'inspect', join(folder, 'nothing.safetensors')])).toBe(2);
  expect(complaints[0]).toContain('nothing.safetensors');
});
