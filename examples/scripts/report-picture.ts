// Takes the pictures of a report that README.md shows, light and dark.
//
//   npm start, then: node --import tsx examples/scripts/report-picture.ts runs/bench/DIR/report.html
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { chromiumPath } from '../test/chromium.ts';

const [report] = process.argv.slice(2);
if (!report) throw new Error('usage: report-picture.ts REPORT.html');

const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--headless', '--no-sandbox'] });
for (const [colorScheme, name] of [
  ['light', 'report'],
  ['dark', 'report-dark'],
] as const) {
  const page = await browser.newPage({ viewport: { width: 1240, height: 1500 }, colorScheme });
  await page.goto(pathToFileURL(resolve(report)).href);
  const picture = await page.screenshot();
  // Few colours: a palette is a quarter of the size.
  const path = fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url));
  await sharp(picture).png({ palette: true, colours: 96, effort: 10 }).toFile(path);
  console.log(path);
}
await browser.close();
