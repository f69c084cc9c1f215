import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// All pages, and the API of two small packages: that of all takes minutes.
describe.skipIf(chromiumPath === undefined)('the documentation as a site, in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-site-'));
  let browser: Browser;
  let server: PreviewServer;
  let address: string;

  function node(...args: string[]): string {
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    return stdout + stderr;
  }

  beforeAll(async () => {
    const entries = ['--entryPoints', 'packages/metrics', '--entryPoints', 'packages/report'];
    expect(node('node_modules/typedoc/bin/typedoc', ...entries, '--out', folder)).toContain('html generated');
    server = await preview({
      root: folder,
      configFile: false,
      logLevel: 'error',
      build: { outDir: folder },
      preview: { host: '127.0.0.1', port: 0 },
    });
    address = server.resolvedUrls?.local[0] ?? '';
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--headless', '--no-sandbox'] });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  test('no link within it is broken', () => {
    expect(node('scripts/check-site.mjs', folder)).toContain('none broken');
  });

  test('search finds words of pages and names of the API', async () => {
    const page = await browser.newPage();
    await page.goto(address);
    for (const [words, found] of [
      ['negative-tolerant', 'Distribution-Balanced loss'],
      ['averagePrecision', 'averagePrecision'],
    ]) {
      await page.locator('#tsd-search-trigger').click();
      await page.locator('#tsd-search-input').fill(words);
      await page.locator('#tsd-search-results li', { hasText: found }).first().waitFor();
      await page.keyboard.press('Escape');
    }
    await page.close();
  });

  test('it follows the light or dark theme of the reader, and fits a phone', async () => {
    const backgrounds: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme });
      await page.goto(`${address}documents/Mix.html`);
      backgrounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      expect(await page.getByRole('heading', { level: 1 }).first().textContent()).toBe('Mix');
      await page.close();
    }
    expect(backgrounds[0]).not.toBe(backgrounds[1]);
  });
});
