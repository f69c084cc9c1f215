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
  vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text) => void complaints.push(text));
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
  expect(complaints[0]).toContain(`save_file(`);
  expect(complaints[0]).toContain(join(folder, 'resnet50.safetensors'));
});

test('a file that is not there fails with its name', async () => {
  expect(await main(['weights', 'inspect', join(folder, 'nothing.safetensors')])).toBe(1);
  expect(complaints[0]).toContain('nothing.safetensors');
});
