import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ltml } from './in-process.ts';

const fixtures = fileURLToPath(new URL('../../backbone/test/fixtures/backbone/', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const inspect = (...args: string[]) => ltml('weights', 'inspect', ...args);

test('inspect tells layout, network and number formats of a file', async () => {
  const weights = fileURLToPath(new URL('../../backbone/weights/resnet-tiny.safetensors', import.meta.url));
  const { code, stdout } = await inspect(weights, '--tensors');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^layout {4}torchvision ResNet$/m);
  expect(stdout).toMatch(/^metadata {2}task: /m);
  expect(stdout).toMatch(/^F16 {3}\[24, 3, 3, 3\] conv1\.weight$/m);
});

test('inspect prints JSON, also of a file that is no checkpoint', async () => {
  const { code, stdout } = await inspect(join(fixtures, 'tiny_vit_hf_names.safetensors'), '--json');
  expect(code).toBe(0);
  const summary = JSON.parse(stdout);
  // The names there begin with `w/`.
  expect(summary).toMatchObject({ layout: null, network: null, formats: { F32: expect.any(Number) } });
  expect(summary.reason).toMatch(/those of .*Hugging Face ViT/);
});

test('a pickle is refused with the command that converts it', async () => {
  const file = join(folder, 'resnet50.pth');
  writeFileSync(file, Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0));
  const { code, stderr } = await inspect(file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/safetensors file, got a zip archive/);
  // One line, to be pasted.
  expect(stderr).toMatch(/python3 -c "import [^\\]*save_file\(/);
  expect(stderr).toContain(join(folder, 'resnet50.safetensors'));
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
  const { code, stdout, stderr } = await inspect(file);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^.* should be .*, got .*\n$/);
});

test('a file that is not there fails with its name', async () => {
  const { code, stderr } = await inspect(join(folder, 'nothing.safetensors'));
  expect(code).toBe(2);
  expect(stderr).toContain('nothing.safetensors');
});
