import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { build, describeModel, loadModel, resolve, writeModel } from '@ltml/recipes/node';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { Download, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../tagger/results.ts';
import { type OpenPage, openPage } from './browser-page.ts';
import { chromiumPath } from './chromium.ts';

const photo = (name: string) => fileURLToPath(new URL(`../photos/${name}`, import.meta.url));

/** Networks that attend by class and that read labels; they need no training to be compared. */
const recipes = {
  cprfl: {
    name: 'cprfl',
    features: { views: 0 },
    method: { name: 'cprfl', options: { width: 8, vsi: { heads: 2, headWidth: 4, hiddenWidth: 8 } } },
  },
  mkt: {
    name: 'mkt',
    encoder: { name: 'tiny-clip' },
    method: { name: 'mkt', preset: 'repo', options: { topK: 6, distil: { fixLayer: 2 } } },
  },
};

async function writeBundle(folder: string, recipe: object): Promise<void> {
  const built = await build(await resolve(recipe));
  await writeModel(folder, built, await describeModel(built), { kind: 'last', step: 0 });
  built.dispose();
}

/** What Node makes of a picture. */
async function scoresInNode(folder: string, file: string | Uint8Array, labels?: readonly string[]): Promise<number[]> {
  const model = await loadModel(folder);
  const { pixels } = resolvePipeline(model.pipeline)(await decodeImage(file, { mode: 'upright' }));
  const scores = tf.tidy(() => {
    const input = model.encode(tf.tensor(pixels, [1, ...model.imageSize, 3]));
    const scorer = labels ? model.learner.labelScorer!(labels) : model.learner;
    return Array.from(scorer.predict(input).dataSync());
  });
  model.dispose();
  return scores;
}

describe.skipIf(chromiumPath === undefined)('the tagger', () => {
  let opened: OpenPage;
  let page: Page;
  let folder: string;
  const bundle = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-tagger-'));
    for (const [name, recipe] of Object.entries(recipes)) await writeBundle(bundle(name), recipe);
    opened = await openPage(fileURLToPath(new URL('../tagger', import.meta.url)), {
      folders: { models: folder },
      query: '?model=models/cprfl/&model=models/mkt',
    });
    page = opened.page;
    await page.getByText('mkt is ready').waitFor({ timeout: 60_000 });
  }, 180_000);
  afterAll(async () => {
    await opened?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tagged = (count: number) => page.getByText(`${count} of ${count} pictures tagged`).waitFor();

  async function download(name: 'CSV' | 'JSON'): Promise<string> {
    const [file] = await Promise.all([
      page.waitForEvent('download') as Promise<Download>,
      page.getByRole('button', { name }).click(),
    ]);
    return readFileSync(await file.path(), 'utf8');
  }

  test('gives the scores of Node, by two models side by side', async () => {
    await page.getByLabel('Choose pictures').setInputFiles(photo('scene-000.png'));
    await tagged(1);
    const results = JSON.parse(await download('JSON')) as Result[];
    expect(results.map(({ picture, model }) => [picture, model])).toEqual([
      ['scene-000.png', 'cprfl'],
      ['scene-000.png', 'mkt'],
    ]);
    for (const { model, tags } of results) {
      const expected = await scoresInNode(bundle(model), photo('scene-000.png'));
      expectClose(
        tags.map(({ score }) => score),
        expected,
        { absolute: 1e-4 },
      );
    }
    expect(await page.locator('#engine').textContent()).toBe('wasm');
    expect(await page.locator('.slot-head .quiet').allTextContents()).toEqual([
      expect.stringMatching(/^\d+ ms$/),
      expect.stringMatching(/^\d+ ms$/),
    ]);
  });

  test('turns photos upright as Node does', async () => {
    const turned = await sharp(photo('scene-001.png'))
      .resize(300, 200, { fit: 'fill' })
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    await page
      .getByLabel('Choose pictures')
      .setInputFiles({ name: '=turned.jpg', mimeType: 'image/jpeg', buffer: turned });
    await tagged(2);
    const results = (JSON.parse(await download('JSON')) as Result[]).filter(({ picture }) => picture === '=turned.jpg');
    for (const { model, tags } of results) {
      const expected = await scoresInNode(bundle(model), turned);
      // Decoders of JPEG differ by a level or two.
      expectClose(
        tags.map(({ score }) => score),
        expected,
        { absolute: 0.02 },
      );
    }
    expect(await download('CSV')).toMatch(
      /^picture,model,tag,score,share,threshold,present\r\nscene-000\.png,cprfl,[\s\S]*\r\n'=turned\.jpg,/,
    );
  });

  test('shows where a tag is seen, to the pointer and to the keyboard', async () => {
    const shade = page.locator('#evidence');
    const [first, second] = [0, 1].map((i) => page.locator('.tags').first().locator('.name').nth(i));
    expect(await shade.isVisible()).toBe(false);
    await first.hover();
    expect(await shade.isVisible()).toBe(true);
    await page.getByRole('heading', { name: 'Tagger' }).hover();
    expect(await shade.isVisible()).toBe(false);
    await first.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await first.getAttribute('aria-pressed')).toBe('true');
    expect(await shade.isVisible()).toBe(true);
    await second.click();
    await second.click();
    expect(await page.locator('[aria-pressed="true"]').count()).toBe(0);
  });

  test('counts a tag as present from its own threshold on', async () => {
    const row = page.locator('.tags').first().locator('.tag').first();
    const slider = row.getByRole('slider');
    await slider.fill('1');
    expect(await row.getAttribute('class')).toBe('tag');
    await slider.fill('0');
    expect(await row.getAttribute('class')).toBe('tag present');
    const name = await row.locator('.name').evaluate((element) => element.firstChild?.textContent);
    const tags = (JSON.parse(await download('JSON')) as Result[])[0].tags;
    expect(tags.find((tag) => tag.name === name)).toMatchObject({ threshold: 0, present: true });
  });

  test('ranks any labels by a model that reads', async () => {
    const labels = ['red three', 'green seven', 'blue zero'];
    const field = page.getByLabel('Any labels, separated by commas').filter({ visible: true });
    await field.fill('alone');
    await field.press('Enter');
    await page.getByText('type two or more').waitFor();
    await field.fill(labels.join(', '));
    await field.press('Enter');
    await tagged(2);
    const [, result] = JSON.parse(await download('JSON')) as Result[];
    expect(result.tags.map(({ name }) => name)).toEqual(labels);
    const expected = await scoresInNode(bundle('mkt'), photo('scene-000.png'), labels);
    expectClose(
      result.tags.map(({ score }) => score),
      expected,
      { absolute: 1e-4 },
    );
  });

  test('takes pictures that are pasted, dropped and photographed, and refuses what is none', async () => {
    const bytes = [...readFileSync(photo('scene-002.png'))];
    const hand = (event: 'paste' | 'drop', name: string) =>
      page.evaluate(
        ({ event, name, bytes }) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(bytes)], name, { type: 'image/png' }));
          const options = { bubbles: true, cancelable: true };
          document.dispatchEvent(
            event === 'paste'
              ? new ClipboardEvent('paste', { ...options, clipboardData: data })
              : new DragEvent('drop', { ...options, dataTransfer: data }),
          );
        },
        { event, name, bytes },
      );
    await hand('paste', 'pasted.png');
    await tagged(3);
    await hand('drop', 'dropped.png');
    await tagged(4);
    await page.getByRole('button', { name: 'Camera' }).click();
    await page
      .locator('#video')
      .evaluate(
        (video) =>
          new Promise((done) =>
            (video as HTMLVideoElement).readyState > 1 ? done(0) : video.addEventListener('loadeddata', done),
          ),
      );
    await page.getByRole('button', { name: 'Take picture' }).click();
    await tagged(5);
    await page
      .getByLabel('Choose pictures')
      .setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('x') });
    await page.getByText('broken.png is no picture').waitFor();
    expect(await page.locator('#strip li').count()).toBe(5);
  });

  test('takes a picture from the clipboard, and puts tags there', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(
      async (bytes) => {
        const blob = new Blob([Uint8Array.from(bytes)], { type: 'image/png' });
        await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      },
      [...readFileSync(photo('scene-002.png'))],
    );
    await page.locator('h1').click();
    await page.keyboard.press('Control+V');
    await tagged(6);
    await page.getByText('1 could not be read: broken.png.').waitFor();
    await page.getByRole('button', { name: 'Copy tags' }).click();
    await page.getByText('Tags copied.').waitFor();
    const shown = await page.locator('.tags').first().locator('.tag.present .name').allInnerTexts();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const names = shown.map((name) => name.split('\n')[0].trim());
    expect(copied.split('\n')[0].split(', ').sort()).toEqual(names.sort());
  });

  test('takes the pictures in a folder that is dropped, and in the folders in it', async () => {
    const dropped = join(folder, 'dropped');
    mkdirSync(join(dropped, 'deep'), { recursive: true });
    copyFileSync(photo('scene-001.png'), join(dropped, 'one.png'));
    copyFileSync(photo('scene-002.png'), join(dropped, 'deep', 'two.png'));
    writeFileSync(join(dropped, 'notes.txt'), 'no picture');
    const client = await page.context().newCDPSession(page);
    const data = { items: [], files: [dropped], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await client.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    }
    await tagged(8);
  });

  test('has a role and a name for all that one works with', async () => {
    const tree = await page.locator('body').ariaSnapshot();
    expect(tree.match(/^ *- (button|textbox|slider|combobox|checkbox|img)(:|$).*$/gm)).toBeNull();
    for (const line of [
      'heading "Tagger" [level=1]',
      'combobox "Engine"',
      'region "Pictures"',
      'region "Models"',
      'button "Choose pictures"',
      'list "All pictures"',
      'list "Tags by model A"',
      'button "Copy tags"',
      'status:',
    ]) {
      expect(tree).toContain(`- ${line}`);
    }
    expect(tree).toMatch(/- button "red zero (head|medium|tail)"/);
    expect(tree).toMatch(/- slider "Threshold of red zero"/);
    expect(tree).toMatch(/0\.\d{3} ?, (present|absent)/);
  });

  test('says what is wrong with a bundle', async () => {
    await page.locator('summary').first().click();
    const address = page.getByLabel('Address of model A');
    await address.fill('models/gone');
    await address.press('Enter');
    await page.getByText(/no model at .*models\/gone\/model\.json|should be JSON/).waitFor();
  });

  test('works without a network once it has been used', async () => {
    expect(opened.errors.filter((error) => !/404/.test(error))).toEqual([]);
    await page.reload();
    await page.getByText('mkt is ready').waitFor();
    await page.waitForFunction(async () => (await (await caches.open('tagger')).keys()).length > 5);
    await page.context().setOffline(true);
    await page.reload();
    await page.getByText('mkt is ready').waitFor();
    await page.getByLabel('Choose pictures').setInputFiles(photo('scene-003.png'));
    await tagged(1);
    await page.context().setOffline(false);
  });

  test('computes on WebGPU where it is chosen, and says so where there is none', async () => {
    const [before, count] = [opened.page, opened.errors.length];
    await before.getByLabel('Engine').selectOption('webgpu');
    await before.getByText('no WebGPU adapter').waitFor();
    expect(before.url()).toMatch(/engine=webgpu/);
    expect(opened.errors.length).toBe(count);
    await opened.close();
    opened = await openPage(fileURLToPath(new URL('../tagger', import.meta.url)), {
      folders: { models: folder },
      query: '?model=models/cprfl/&engine=webgpu',
      // A program that imitates a graphics card.
      switches: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    });
    page = opened.page;
    await page.getByText('cprfl is ready').waitFor({ timeout: 60_000 });
    expect(await page.locator('#engine').textContent()).toBe('webgpu');
    await page.getByLabel('Choose pictures').setInputFiles(photo('scene-000.png'));
    await tagged(1);
    const [{ tags }] = JSON.parse(await download('JSON')) as Result[];
    expectClose(
      tags.map(({ score }) => score),
      await scoresInNode(bundle('cprfl'), photo('scene-000.png')),
      { absolute: 1e-4 },
    );
  }, 120_000);
});
