import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from '../../../examples/test/browser-page.ts';
import { chromiumPath } from '../../../examples/test/chromium.ts';
import { ltml } from './in-process.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/start/own-pictures.md', import.meta.url)), 'utf8');
const before = process.cwd();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-own-'));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** Code blocks of the page in a language. */
function blocks(language: string): string[] {
  return Array.from(page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')), ([, text]) => text);
}

it('each command of the page does what the page says', async () => {
  const engine = tf.getBackend();
  writeFileSync('own.yaml', blocks('yaml')[0]);
  const commands = blocks('sh')
    .flatMap((block) => block.trimEnd().split('\n'))
    .filter((line) => line.startsWith('ltml '));
  expect(commands.length).toBeGreaterThan(6);
  let [output, told] = ['', ''];
  for (const command of commands) {
    const [, words, code = '0'] = /^ltml ([^#]*?)\s*(?:#(?: exit code (\d))?.*)?$/.exec(command) as RegExpExecArray;
    const ended = await ltml(...words.split(' '));
    expect(ended.code, `${command}\n${ended.stderr}`).toBe(Number(code));
    output += ended.stdout;
    told += ended.stderr;
  }
  // No command asks for an engine that this machine may not have.
  expect(tf.getBackend()).toBe(engine);
  const [first, second] = readFileSync('pictures/labels.csv', 'utf8').split('\n').slice(1);
  expect(page).toContain(`${first}\n${second}\n`);
  expect(output).toMatch(/ERROR {4}3 pictures cannot be read\n.*broken-0\.jpg \(train\): .*premature end/);
  expect(readFileSync('pictures/clean.csv', 'utf8')).not.toContain('broken');
  expect(readFileSync('pictures/clean.csv', 'utf8').trimEnd().split('\n')).toHaveLength(1 + 150 + 50);
  expect(output).toMatch(/class +train +group +positives +AP %\nblue eight/);
  expect(told).toMatch(/data: table, root pictures.*unlisted absent/);
  expect(told).toMatch(/epoch 3 {2}loss .*mAP .*CF1 .*OF1/);
  expect(output).toMatch(/pictures\/test\/0001\.png\n/);
  expect(readFileSync('predictions.csv', 'utf8').trimEnd().split('\n')).toHaveLength(1 + 50);
  expect(JSON.parse(readFileSync('runs/own/model/model.json', 'utf8')).thresholds).not.toBeNull();
  for (const made of ['errors/own/labels.csv', 'own-model/model.json']) expect(existsSync(made), made).toBe(true);
  for (const made of ['runs/check-pictures/index.html', 'sheet.html', 'reports/own/index.html']) {
    expect(readFileSync(made, 'utf8')).toContain('src="data:image/jpeg;base64,');
  }
  expect(existsSync('runs/own/summary.json')).toBe(true);
}, 240_000);

interface Tag {
  readonly name: string;
  readonly score: number;
  readonly share: number;
}

// The folder that the last command of the page wrote, in the page that its last paragraph names. PNG: decoders of JPEG differ.
it.skipIf(chromiumPath === undefined)(
  'what comes out tags pictures in Chromium as in Node',
  async () => {
    const pictures = ['pictures/test/0001.png', 'pictures/test/0006.png'];
    const { code, stdout, stderr } = await ltml('predict', 'own-model', ...pictures, '--json', '--top', '99');
    expect(code, stderr).toBe(0);
    const inNode = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { scores: { class: string; score: number; probability: number }[] });
    const { page, close } = await openPage(fileURLToPath(new URL('../../../examples/tagger', import.meta.url)), {
      folders: { 'models/own': join(folder, 'own-model') },
      query: '?model=models/own/',
    });
    try {
      await page.getByText('own is ready').waitFor({ timeout: 60_000 });
      await page.getByLabel('Choose pictures').setInputFiles(pictures.map((path) => join(folder, path)));
      await page.getByText('2 of 2 pictures tagged').waitFor();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'JSON' }).click(),
      ]);
      const inPage = JSON.parse(readFileSync(await file.path(), 'utf8')) as { tags: Tag[] }[];
      expect(inPage).toHaveLength(2);
      for (const [i, { tags }] of inPage.entries()) {
        const ranked = inNode[i].scores.map(({ class: name }) => tags.find((tag) => tag.name === name) as Tag);
        expect(ranked).toHaveLength(tags.length);
        for (const [ours, theirs] of [
          ['score', 'score'],
          ['share', 'probability'],
        ] as const) {
          expectClose(
            ranked.map((tag) => tag[ours]),
            inNode[i].scores.map((entry) => entry[theirs]),
            { absolute: 1e-4 },
          );
        }
      }
      // The pages that the commands wrote, on a phone.
      await page.setViewportSize({ width: 390, height: 844 });
      for (const path of ['reports/own/index.html', 'runs/check-pictures/index.html', 'sheet.html']) {
        await page.goto(pathToFileURL(join(folder, path)).href);
        expect(await page.evaluate(readability), path).toEqual({ overflow: 0, small: [] });
      }
    } finally {
      await close();
    }
  },
  180_000,
);

/** In a page: pixels that it is too wide, and texts of less than 11 pixels. */
function readability() {
  const small: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement as Element;
    const drawn = element instanceof SVGGraphicsElement ? element.getScreenCTM() : null;
    const size = Number.parseFloat(getComputedStyle(element).fontSize) * (drawn ? Math.hypot(drawn.a, drawn.b) : 1);
    if (size < 11 && node.textContent?.trim()) small.push(node.textContent);
  }
  return { overflow: document.documentElement.scrollWidth - window.innerWidth, small };
}
