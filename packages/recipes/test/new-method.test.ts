import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Method } from '@ltml/tensor/contract';
import { afterAll, expect, it } from 'vitest';
import { build, resolve, run } from '../src/node/index.ts';
import { methods } from '../src/parts/methods.ts';

const own = fileURLToPath(new URL('..', import.meta.url));
// Within the package, so that what the source imports is found.
const folder = await mkdtemp(join(own, '.new-method-'));
afterAll(async () => {
  // The table is that of all tests of this process.
  Reflect.deleteProperty(methods, 'copied');
  await rm(folder, { recursive: true });
});

/** The source of the smallest method under another name. */
async function copyMethod(name: string): Promise<Method> {
  await cp(fileURLToPath(new URL('../../classifier/src', import.meta.url)), join(folder, 'src'), { recursive: true });
  const file = join(folder, 'src', 'method.ts');
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/\bclassifier\b(?!\.ts)/g, name));
  return ((await import(/* @vite-ignore */ file)) as never)[name];
}

it('adding a method takes its folder and a line', async () => {
  const copied = await copyMethod('copied');
  expect(copied.name).toBe('copied');
  // The line.
  Object.assign(methods, { copied: async () => copied });

  const data = { name: 'digits-ml', trainScenes: 200, testScenes: 100 };
  const recipe = { data, loss: { name: 'focal' }, encoder: { imageSize: 16 }, features: { views: 0 }, steps: 40 };
  const results: unknown[] = [];
  for (const name of ['copied', 'classifier']) {
    const built = await build(await resolve({ ...recipe, method: { name, preset: 'distribution-balanced' } }));
    const { test, outcome, steps } = await run(built, { folder: join(folder, name), onWarning: () => {} });
    built.dispose();
    results.push({ mAP: test?.mAP, outcome, steps });
  }
  expect(results[0]).toMatchObject({ outcome: 'finished' });
  expect(results[0]).toEqual(results[1]);
}, 240_000);
