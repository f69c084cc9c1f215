import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { build, preview } from 'vite';
import { chromiumPath, quiet } from './chromium.ts';

/** In place of a camera, a picture that moves. */
const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface OpenPage {
  readonly page: Page;
  /** Uncaught errors of the page so far, and what it wrote to its console as errors. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface OpenPageOptions {
  /** Folders that are served beside the page, by their addresses. */
  readonly folders?: Readonly<Record<string, string>>;
  /** What follows the page's address, e.g. `?model=a`. */
  readonly query?: string;
  /** More switches of Chromium. */
  readonly switches?: readonly string[];
  /** Serve the page cross-origin isolated, which WebAssembly's threads need; default false. */
  readonly isolated?: boolean;
}

/**
 * Bundles the page in `folder` (its `index.html` and what that imports) as users of Vite do, serves it on this machine and
 * opens it in Chromium.
 */
export async function openPage(folder: string, options: OpenPageOptions = {}): Promise<OpenPage> {
  const { folders = {}, query = '', switches = [], isolated = false } = options;
  const outDir = await mkdtemp(join(tmpdir(), 'ltml-page-'));
  const vite = { root: folder, configFile: false, logLevel: 'error' } as const;
  await build({ ...vite, build: { outDir, minify: false, emptyOutDir: true } });
  for (const [address, from] of Object.entries(folders)) await cp(from, join(outDir, address), { recursive: true });
  const headers = isolated ? isolation : {};
  const server = await preview({ ...vite, build: { outDir }, preview: { host: '127.0.0.1', port: 0, headers } });
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [...quiet, ...camera, ...switches],
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${server.resolvedUrls?.local[0]}${query}`);
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
