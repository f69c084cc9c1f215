import { fileURLToPath } from 'node:url';
import { loadTinyClip } from '@ltml/backbone/node';
import { digitsLt } from '@ltml/data';
import { expectClose } from '@ltml/tensor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Tag, tagPicture } from '../open-vocabulary/tagger.ts';
import { type OpenPage, openPage } from './browser-page.ts';
import { chromiumPath } from './chromium.ts';

/** A test scene as a bitmap file, which needs no codec, and what is in it. */
async function scene() {
  const { test } = await digitsLt({ unseenClasses: true });
  const { classes, labels, images } = test;
  const C = labels.columns;
  // The first scene with a single label, which is green.
  const row = Array.from({ length: labels.rows }, (_, i) => i).find((i) => {
    const present = [...labels.present.subarray(i * C, (i + 1) * C).keys()].filter(
      (c) => labels.present[i * C + c] === 1,
    );
    return present.length === 1 && present[0] >= 20;
  }) as number;
  const name = classes[labels.present.subarray(row * C, (row + 1) * C).indexOf(1)];
  const { width, height, pixels } = await images.read(row);
  return { name, picture: { width, height, pixels }, file: bitmapFile(width, height, pixels) };
}

/** BMP: rows from below, blue first; rows of 64 pixels need no padding. */
function bitmapFile(width: number, height: number, rgb: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + 3 * width * height, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  const pixels = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [3 * (y * width + x), 3 * ((height - 1 - y) * width + x)];
      for (let c = 0; c < 3; c++) pixels[to + c] = rgb[from + 2 - c];
    }
  }
  return Buffer.concat([header, pixels]);
}

describe.skipIf(chromiumPath === undefined)('the page that tags a picture, in Chromium', () => {
  let opened: OpenPage;
  let given: Awaited<ReturnType<typeof scene>>;

  beforeAll(async () => {
    given = await scene();
    opened = await openPage(fileURLToPath(new URL('../open-vocabulary', import.meta.url)));
    await opened.page.getByText('Ready').waitFor();
  }, 120_000);
  afterAll(() => opened?.close());

  /** What the page shows: label and score, best first. */
  async function shown(): Promise<string[][]> {
    const rows = await opened.page.getByRole('row').all();
    return Promise.all(rows.map(async (row) => (await row.getByRole('cell').allTextContents()).slice(0, 2)));
  }

  function inNode(tags: readonly Tag[]): number[] {
    return tags.map(({ score }) => score);
  }

  test('scores a dropped picture as Node does, and finds a class that no training set showed', async () => {
    const names = ['red three', 'blue zero', given.name, 'green digit'];
    await opened.page.getByLabel('Labels').fill(names.join(', '));
    // A real drop: a file in the data of the event.
    await opened.page.evaluate((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], 'scene.bmp', { type: 'image/bmp' }));
      document.getElementById('drop')?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    }, Array.from(given.file));
    await opened.page.getByText('of 4 labels').waitFor();
    const tiny = await loadTinyClip();
    const expected = await tagPicture(tiny, given.picture, names);
    tiny.clip.dispose();
    const rows = await shown();
    expect(rows.map(([label]) => label)).toEqual(expected.map(({ label }) => label));
    expectClose(
      rows.map(([, score]) => Number(score)),
      inNode(expected),
      { absolute: 1e-3 },
    );
    expect(['green digit', given.name]).toContain(rows[0][0]);
  });

  test('scores again while labels are typed', async () => {
    await opened.page.getByLabel('Labels').fill(`blue one, ${given.name}`);
    await opened.page.getByText('of 2 labels').waitFor();
    expect((await shown()).map(([label]) => label)).toEqual([given.name, 'blue one']);
  });

  test('refuses a label that is alone, whose score would mean nothing', async () => {
    await opened.page.getByLabel('Labels').fill('cat');
    await opened.page.getByText('type two or more').waitFor();
    expect(await shown()).toEqual([]);
    await opened.page.getByLabel('Labels').fill(`blue one, ${given.name}`);
    await opened.page.getByText('of 2 labels').waitFor();
  });

  test('says so when a file is no picture', async () => {
    await opened.page
      .getByLabel('choose one')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await opened.page.getByText('notes.txt is no picture').waitFor();
    expect(opened.errors).toEqual([]);
  });
});
