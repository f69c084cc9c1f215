import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { build, preview } from 'vite';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium's program; undefined where it is not installed, so that tests can be skipped by name. */
export const chromiumPath: string | undefined = process.env.LTML_CHROMIUM ?? places.find((place) => existsSync(place));

const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

export interface OpenPage {
  readonly page: Page;
  /** Uncaught errors of the page so far, and what it wrote to its console as errors. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/**
 * Bundles the page in `folder` (its `index.html` and what that imports) as users of Vite do, serves it on this machine and
 * opens it in Chromium.
 */
export async function openPage(folder: string): Promise<OpenPage> {
  const outDir = await mkdtemp(join(tmpdir(), 'ltml-page-'));
  const options = { root: folder, configFile: false, logLevel: 'error' } as const;
  await build({ ...options, build: { outDir, minify: false, emptyOutDir: true } });
  const server = await preview({ ...options, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [...quiet, ...offline] });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(server.resolvedUrls?.local[0] as string);
  return {
    page,
    errors,
    async close() {
      await browser.close();
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}
