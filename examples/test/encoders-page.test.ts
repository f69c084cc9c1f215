import { fileURLToPath } from 'node:url';
import { loadResnetTiny, loadTinyClip } from '@ltml/backbone/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenPage, openPage } from './browser-page.ts';
import { chromiumPath } from './chromium.ts';
import { encodeScenes } from './encode-scenes.ts';
import type { Encode } from './pages/encoders/main.ts';

describe.skipIf(chromiumPath === undefined)('resnet-tiny and tiny-clip in Chromium', () => {
  let opened: OpenPage;
  let inNode: Record<string, number[]>;

  beforeAll(async () => {
    opened = await openPage(fileURLToPath(new URL('pages/encoders', import.meta.url)), { isolated: true });
    inNode = await encodeScenes({ resnetTiny: await loadResnetTiny(), tinyClip: await loadTinyClip() });
  }, 120_000);
  afterAll(() => opened?.close());

  // So that `wasm` below has its threads.
  test('the page is cross-origin isolated', async () => {
    expect(await opened.page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  });

  test.each(['wasm', 'cpu'] as const)('%s gives the numbers of Node to 1e-4', async (engine) => {
    const { name, outputs } = await opened.page.evaluate(
      (engine) => (globalThis as unknown as { encode: Encode }).encode(engine),
      engine,
    );
    expect(name).toBe(engine);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(inNode).sort());
    for (const [output, values] of Object.entries(inNode)) {
      expect(largestDifference(outputs[output], values), output).toBeLessThan(1e-4);
    }
    expect(opened.errors).toEqual([]);
  });
});

/** The largest difference between numbers, relative to the largest of them. */
function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]))) / scale;
}
