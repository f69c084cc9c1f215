import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { chromiumPath, quiet } from './chromium.ts';

/** A page in one file, open in Chromium. */
export interface FilePage {
  readonly page: Page;
  /** What it asked for, itself included. */
  readonly requests: readonly string[];
  /** Uncaught errors. */
  readonly errors: readonly string[];
  /** Takes a picture to look at, if the environment names a folder for it. */
  take(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openFilePage(file: string): Promise<FilePage> {
  const browser = await chromium.launch({ executablePath: chromiumPath as string, args: [...quiet] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const [requests, errors]: string[][] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  const screenshots = process.env.LTML_SCREENSHOTS;
  return {
    page,
    requests,
    errors,
    async take(name) {
      if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
    },
    close: () => browser.close(),
  };
}

/**
 * Asserts that a page is readable on a phone: no text of a chart below 11 pixels, and the page itself is as wide as the screen.
 *
 * @param least texts that its charts have
 */
export async function expectReadableOnPhone({ page, take }: FilePage, name: string, least: number): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  await take(name);
  const sizes = await page.evaluate(() => {
    const texts = [...document.querySelectorAll('svg text')].filter((text) => (text.textContent ?? '').trim() !== '');
    return texts.map((text) => {
      const matrix = (text as SVGTextElement).getScreenCTM();
      return Number.parseFloat(getComputedStyle(text).fontSize) * Math.hypot(matrix?.a ?? 0, matrix?.b ?? 0);
    });
  });
  expect(sizes.length).toBeGreaterThan(least);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10.99);
  const { wide, screen } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  expect(wide).toBe(screen);
}
