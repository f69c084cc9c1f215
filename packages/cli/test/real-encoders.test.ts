import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEncoder, encoderByName } from '@ltml/backbone';
import type { ModelDescription } from '@ltml/recipes';
import { build, readRecipe, resolve, run } from '@ltml/recipes/node';
import { exportState, RandomStream } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import { expectClose } from '@ltml/tensor/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openPage } from '../../../examples/test/browser-page.ts';
import { chromiumPath } from '../../../examples/test/chromium.ts';
import { writeTinyPictures } from '../../recipes/test/tiny-pictures.ts';
import { startEngine } from '../src/engine.ts';
import { main } from '../src/program.ts';

let folder: string;
beforeAll(async () => {
  // That of the command: another may compute other bits.
  await startEngine(undefined);
  folder = mkdtempSync(join(tmpdir(), 'ltml-real-'));
  mkdirSync(join(folder, 'models'));
  // Drawn once: a recipe without weights would draw them in each of its processes.
  for (const name of ['resnet18', 'vit_tiny_patch16_224']) {
    const network = buildEncoder(encoderByName(name).encoder, { imageSize: 32, random: new RandomStream(1) });
    await writeSafetensorsFile(weightsOf(name), await exportState(network));
    network.dispose();
  }
  await writeTinyPictures(join(folder, 'pictures'), 32, [4, 2]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const weightsOf = (name: string): string => join(folder, `${name}.safetensors`);
const constant = { name: 'constant', warmup: null };
const table = () => ({ name: 'table', root: join(folder, 'pictures'), file: 'labels.csv', validation: null });
const recipes: Readonly<Record<string, () => object>> = {
  cprfl: () => ({
    data: table(),
    encoder: { name: 'deit_tiny_patch16_224', weights: weightsOf('vit_tiny_patch16_224'), imageSize: 32 },
    method: {
      name: 'cprfl',
      options: { epochs: 2, schedule: constant, width: 16, vsi: { heads: 2, headWidth: 8, hiddenWidth: 16 } },
    },
  }),
  sarb: () => ({
    data: table(),
    encoder: { name: 'resnet18', weights: weightsOf('resnet18') },
    method: {
      name: 'sarb',
      options: {
        ...{ epochs: 2, schedule: constant, features: 16, attention: { innerFeatures: 8 } },
        blending: { from: 1, prototypes: { count: 2, every: 1 } },
      },
    },
  }),
  mkt: () => ({
    data: table(),
    encoder: { name: 'vit_tiny_patch16_224', weights: weightsOf('vit_tiny_patch16_224'), imageSize: 32 },
    method: {
      name: 'mkt',
      clip: { name: 'tiny-clip' },
      options: { topK: 2, distil: { epochs: 1, schedule: constant }, prompt: { epochs: 1 } },
    },
  }),
  dscl: () => ({
    data: { name: 'folder', root: join(folder, 'pictures', 'single'), validation: null },
    encoder: { name: 'resnet18', weights: weightsOf('resnet18') },
    method: {
      name: 'dscl',
      preset: 'dscl',
      options: {
        ...{ dimension: 8, queue: { size: 8 }, viewSize: 32 },
        pretrain: { epochs: 1, schedule: constant },
        classify: { epochs: 1, schedule: constant },
      },
    },
  }),
};
const names = Object.keys(recipes);
const pictures = () => [4, 5].map((i) => join(folder, 'pictures', 'all', `${i}.png`));

/** Runs a command line in this process. */
async function ltml(...args: string[]): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const text = (spy: typeof out) => spy.mock.calls.map(([part]) => String(part)).join('');
  const code = await main(args);
  const [printed, complaints] = [text(out), text(err)];
  vi.restoreAllMocks();
  process.exitCode = undefined;
  expect(code, complaints).toBe(0);
  return printed;
}

/** Trains until the process dies after a checkpoint, if it does. */
async function train(file: string, out: string, dies: boolean): Promise<void> {
  const { value, locate } = readRecipe(file, []);
  const built = await build(await resolve(value, locate), { locate, workers: 0 });
  const onCheckpoint = (): void => {
    throw new Error('killed');
  };
  try {
    const running = run(built, { folder: out, observers: dies ? [{ onCheckpoint }] : [] });
    if (dies) await expect(running).rejects.toThrow('killed');
    else await running;
  } finally {
    built.dispose();
  }
}

interface Scored {
  readonly scores: readonly { readonly class: string; readonly score: number }[];
}

const describedIn = (bundle: string) =>
  JSON.parse(readFileSync(join(bundle, 'model.json'), 'utf8')) as ModelDescription;

/** What the bundle of a method says of both test pictures in Node. */
const predicted = new Map<string, Scored[]>();
async function predict(name: string): Promise<Scored[]> {
  const lines = await ltml('predict', join(folder, 'models', name), ...pictures(), '--json');
  const scored = lines.trimEnd().split('\n');
  predicted.set(
    name,
    scored.map((line) => JSON.parse(line) as Scored),
  );
  return predicted.get(name) as Scored[];
}

describe('a real architecture on small pictures', () => {
  it.each(names)('%s is trained, killed, resumed, evaluated and bundled', { timeout: 240_000 }, async (name) => {
    const file = join(folder, `${name}.json`);
    const recipe = { name, pictures: { size: 32 }, features: null, batchSize: 4, ...recipes[name]() };
    writeFileSync(file, JSON.stringify(recipe));
    const [whole, killed] = [join(folder, 'whole', name), join(folder, 'runs', name)];
    await train(file, killed, true);
    expect(existsSync(join(killed, 'summary.json'))).toBe(false);
    await ltml('train', file, '--out', killed, '--resume', '--workers', '0');
    if (name === 'mkt') {
      // One will do: that a run goes on as if nothing had been is tested of each method by itself.
      await train(file, whole, false);
      const hashes = [whole, killed].map((out) => describedIn(join(out, 'model')).weights?.sha256);
      expect(hashes[0]).toBe(hashes[1]);
    }
    expect(await ltml('eval', killed, '--out', join(folder, 'reports', name))).toMatch(/^2 images/m);
    // The model of a run is a bundle: it needs nothing else of the run.
    renameSync(join(killed, 'model'), join(folder, 'models', name));
    rmSync(killed, { recursive: true });
    const [{ scores }] = await predict(name);
    expect(scores.map(({ class: tag }) => tag).sort()).toEqual(['blue', 'green', 'red']);
  });

  it.skipIf(chromiumPath === undefined)(
    'tags pictures in Chromium as in Node, by the bundle of each method',
    { timeout: 300_000 },
    async () => {
      const { page, close } = await openPage(fileURLToPath(new URL('../../../examples/tagger', import.meta.url)), {
        folders: { models: join(folder, 'models') },
      });
      const address = page.url();
      try {
        for (const some of [names.slice(0, 2), names.slice(2)]) {
          await page.goto(`${address}?engine=wasm&${some.map((name) => `model=models/${name}/`).join('&')}`);
          await page.getByText(`${some.at(-1)} is ready`).waitFor({ timeout: 120_000 });
          await page.getByLabel('Choose pictures').setInputFiles(pictures());
          await page.getByText('2 of 2 pictures tagged').waitFor({ timeout: 120_000 });
          const [file] = await Promise.all([
            page.waitForEvent('download'),
            page.getByRole('button', { name: 'JSON' }).click(),
          ]);
          const results = JSON.parse(readFileSync(await file.path(), 'utf8')) as {
            model: string;
            tags: { name: string; score: number }[];
          }[];
          for (const name of some) {
            const inNode = predicted.get(name) as Scored[];
            const inPage = results.filter(({ model }) => model === name);
            expect(inPage).toHaveLength(2);
            for (const [i, { tags }] of inPage.entries()) {
              const scoreOf = (tag: string) => inNode[i].scores.find((entry) => entry.class === tag)?.score as number;
              const scores = tags.map(({ score }) => score);
              expectClose(
                scores,
                tags.map((tag) => scoreOf(tag.name)),
                { absolute: 1e-4, relative: 1e-4 },
              );
            }
          }
        }
      } finally {
        await close();
      }
    },
  );
});
