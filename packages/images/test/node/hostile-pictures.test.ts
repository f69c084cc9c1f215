import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { DataError, type LtmlError, RandomStream } from '@ltml/tensor';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeImage } from '../../src/node/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ltml-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const random = new RandomStream(11);
const [width, height] = [23, 17];
const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.integer(256));

/** Bytes changed, taken out, doubled and cut off. */
function mutated(bytes: Uint8Array): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let change = 0; change <= random.integer(4); change++) {
    const at = random.integer(result.length);
    const kind = random.integer(4);
    if (kind === 0) result[at] = random.integer(256);
    else if (kind === 1) result = result.slice(0, Math.max(at, 1));
    else if (kind === 2)
      result = Uint8Array.from([...result.slice(0, at), ...result.slice(at + 1 + random.integer(9))]);
    else result = Uint8Array.from([...result.slice(0, at), ...result.slice(Math.max(0, at - 7))]);
  }
  return result;
}

test('of 200 broken pictures each is read or refused in one line that names its path', async () => {
  const whole = sharp(pixels, { raw: { width, height, channels: 3 } });
  const files = [await whole.clone().png().toBuffer(), await whole.clone().jpeg().toBuffer()];
  let refused = 0;
  for (let i = 0; i < 200; i++) {
    const path = join(folder, `${i}.${i % 2 === 0 ? 'png' : 'jpg'}`);
    await writeFile(path, mutated(files[i % 2]));
    const outcome = await decodeImage(path).catch((error: LtmlError) => error);
    if (!(outcome instanceof Error)) {
      expect(outcome.pixels).toHaveLength(outcome.width * outcome.height * 3);
      continue;
    }
    refused++;
    expect(outcome).toBeInstanceOf(DataError);
    expect(outcome.message).toContain(path);
    expect(outcome.message).not.toContain('\n');
  }
  expect(refused).toBeGreaterThan(50);
}, 60_000);

/** A PNG of grey zeros, some kilobytes long. */
function emptyPng(side: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // One bit a pixel.
  const rows = deflateSync(Buffer.alloc(Math.min(side, 20_000) * (1 + Math.ceil(side / 8))));
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

test('a picture that claims more pixels than 2²⁶ is refused before they take memory', async () => {
  for (const side of [8193, 30_000]) {
    const path = join(folder, `${side}.png`);
    await writeFile(path, emptyPng(side));
    const before = process.memoryUsage().rss;
    const error = await decodeImage(path).catch((e: LtmlError) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as LtmlError).message).toContain(path);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  }
});
