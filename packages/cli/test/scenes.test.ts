import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage } from '@ltml/images/node';
import { afterAll, expect, it, vi } from 'vitest';
import { writeScenes } from '../src/run/scenes.ts';

const photos = fileURLToPath(new URL('../../../examples/photos', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ltml-scenes-'));
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

it('writes the scenes that lie in examples/photos, and says what is in them', async () => {
  const printed: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const names = readdirSync(photos).sort();
  await writeScenes(folder, names.length);
  expect(readdirSync(folder).sort()).toEqual(names);
  for (const name of names) {
    expect(await decodeImage(join(folder, name))).toEqual(await decodeImage(join(photos, name)));
  }
  expect(printed[2]).toBe(`${join(folder, 'scene-002.png')}  red three\n`);
});
