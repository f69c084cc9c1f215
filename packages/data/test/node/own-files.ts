import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';

/** A folder with files of these contents, which is removed after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-own-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

/** A PNG of bars, other ones for each number. */
export function picture(seed: number, { width = 40, height = 32 } = {}): Promise<Uint8Array> {
  return sharp(barsOf(seed, width, height), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Smooth levels that look different for each number, [H, W, 3]. */
export function barsOf(seed: number, width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [(Math.floor(i / 3) % width) / width, Math.floor(i / 3 / width) / height];
    return 128 + 60 * Math.sin(seed + 9 * x + seed * y) + 60 * Math.cos((seed + 1) * 7 * y - 3 * seed * x);
  });
}
