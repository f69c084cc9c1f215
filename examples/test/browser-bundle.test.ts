import { createHash } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { digitsLt } from '@ltml/data';
import { build, type Rollup } from 'vite';
import { expect, test } from 'vitest';

// Packages are bundled as for a browser and run in a context that has what browsers have, and nothing of Node.
const folder = fileURLToPath(new URL('..', import.meta.url));
const isomorphic = ['tensor', 'losses', 'metrics', 'images', 'data', 'backbone', 'train', 'mkt', 'recipes', 'report'];

async function runAsInBrowser(code: string): Promise<Record<string, unknown>> {
  const entry = join(folder, '.browser-entry.ts');
  writeFileSync(entry, code);
  const lib = { entry, formats: ['iife' as const], name: 'bundle', fileName: 'bundle' };
  const options = {
    root: folder,
    configFile: false,
    logLevel: 'error',
    // As the bundlers of pages have it; a library is bundled without.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: false, lib },
  } as const;
  const [{ output }] = (await build(options).finally(() => rmSync(entry))) as Rollup.RollupOutput[];
  const window: Record<string, unknown> = { console, setTimeout, clearTimeout, performance, TextDecoder, TextEncoder };
  Object.assign(window, { atob, btoa, URL, Blob, Response, DecompressionStream, ReadableStream, fetch, crypto });
  Object.assign(window, {
    window,
    self: window,
    navigator: { userAgent: 'test' },
    document: { documentElement: { style: {} } },
  });
  // A context looks its globals up slowly, and drawing asks for these at every pixel: here they are local.
  const hot = 'Math, Object, Float32Array, Float64Array, Int32Array, Uint8Array, Uint8ClampedArray, Uint32Array';
  runInContext(`((${hot}) => {${output[0].code}})(${hot})`, createContext(window));
  return window;
}

test('every isomorphic package builds for a browser and loads without anything of Node', async () => {
  expect(readdirSync(join(folder, '../packages'))).toEqual(expect.arrayContaining(isomorphic));
  const imports = isomorphic.map((name) => `import * as ${name} from '@ltml/${name}';`).join('\n');
  const { loaded } = await runAsInBrowser(`${imports}\nglobalThis.loaded = { ${isomorphic.join(', ')} };`);
  for (const name of isomorphic) {
    expect(Object.keys((loaded as Record<string, object>)[name]).length, name).toBeGreaterThan(0);
  }
}, 120_000);

test('digits-lt has the same bytes in a browser as in Node', async () => {
  const hash = async ({ test: { images } }: Awaited<ReturnType<typeof digitsLt>>) => {
    const sum = createHash('sha256');
    for (let i = 0; i < 50; i++) sum.update((await images.read(i)).pixels);
    return sum.digest('hex');
  };
  const window = await runAsInBrowser(`import { digitsLt } from '@ltml/data'; globalThis.digits = digitsLt();`);
  expect(await hash(await (window.digits as ReturnType<typeof digitsLt>))).toBe(await hash(await digitsLt()));
}, 120_000);
