import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { writeEvidenceMap } from '../src/run/evidence-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'evidence-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function draw(width: number, height: number, values: readonly number[]) {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === 0 ? 200 : 40));
  const path = join(folder, 'map.png');
  await writeEvidenceMap(path, { width, height, pixels }, { height: 2, width: 2, values });
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) =>
    Array.from(data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3));
  return { info, pixel };
}

it('leaves a picture as it is where the evidence is, and shades the rest', async () => {
  const { info, pixel } = await draw(20, 20, [1, 3, 1, 1]);
  expect([info.width, info.height]).toEqual([260, 260]);
  expect(pixel(259, 0)).toEqual([200, 40, 40]);
  for (const [x, y] of [
    [0, 0],
    [0, 259],
    [259, 259],
  ]) {
    expect(pixel(x, y)[0]).toBeLessThan(90);
  }
});

it('keeps large pictures at their size, and does not shade what is alike everywhere', async () => {
  const { info, pixel } = await draw(400, 300, [2, 2, 2, 2]);
  expect([info.width, info.height]).toEqual([400, 300]);
  expect(pixel(200, 150)).toEqual([200, 40, 40]);
});
