import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../examples/test/chromium.ts';
import { expectReadableOnPhone, type FilePage, openFilePage } from '../../examples/test/file-page.ts';
import { renderReport } from '../src/report/html.ts';
import { madeUpResult } from './made-up-result.ts';

/** Names that are markup, as hostile data have them. */
const hostile = '<img src=x onerror=document.title="owned">';

describe.skipIf(chromiumPath === undefined)('the report in Chromium', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  let opened: FilePage;
  let page: FilePage['page'];

  beforeAll(async () => {
    const file = join(folder, 'report.html');
    writeFileSync(file, await renderReport([madeUpResult('losses', hostile), madeUpResult('shares', hostile, true)]));
    opened = await openFilePage(file);
    page = opened.page;
  }, 60_000);

  afterAll(async () => {
    await opened?.close();
    rmSync(folder, { recursive: true });
  });

  it('asks for nothing, raises nothing, and shows names as text', async () => {
    await opened.take('desktop');
    expect(opened.requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
    expect(opened.errors).toEqual([]);
    expect(await page.title()).toBe('LTML: methods compared');
    expect(await page.getByText(hostile).count()).toBeGreaterThan(0);
  });

  it('sorts a table from the keyboard, by number', async () => {
    const table = page.locator('table.sortable').first();
    const firstRow = (): Promise<string | null> => table.locator('tbody tr').first().locator('th').textContent();
    const head = table.locator('thead th').nth(4);
    await head.locator('button').focus();
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const best = await firstRow();
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(await firstRow()).not.toBe(best);
  });

  it('is readable on a phone: no text of a chart below 11 pixels, and the page itself is as wide as the screen', async () => {
    await expectReadableOnPhone(opened, 'phone', 50);
  });

  it('every region that scrolls can be reached from the keyboard and has a name', async () => {
    const nameless = await page.evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>('figure, .scroll')].filter(
          (region) =>
            region.scrollWidth > region.clientWidth + 1 &&
            (region.tabIndex !== 0 || !region.getAttribute('aria-label')),
        ).length,
    );
    expect(nameless).toBe(0);
    const charts = await page
      .locator('svg')
      .evaluateAll((all) => all.map((svg) => [svg.getAttribute('role'), svg.getAttribute('aria-label') !== null]));
    expect(charts.every(([role, named]) => role === 'img' && named)).toBe(true);
  });

  it('has text that stands out from its ground, in light and in dark', async () => {
    await page.setViewportSize({ width: 1200, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await opened.take(colorScheme);
      const [text, soft, ground] = await page.evaluate(() => {
        const colorOf = (selector: string, property: 'color' | 'backgroundColor'): string =>
          getComputedStyle(document.querySelector(selector) as Element)[property];
        return [colorOf('body', 'color'), colorOf('.caption', 'color'), colorOf('body', 'backgroundColor')];
      });
      expect(contrast(text, ground)).toBeGreaterThan(7);
      expect(contrast(soft, ground)).toBeGreaterThan(4.5);
    }
  });

  it('prints', async () => {
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    await opened.take('print');
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });
});

/** The ratio of WCAG 2.2 of two colours, `rgb(r, g, b)`. */
function contrast(first: string, second: string): number {
  const luminance = (color: string): number => {
    const [r, g, b] = (color.match(/\d+/g) ?? []).map((level) => {
      const value = Number(level) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
