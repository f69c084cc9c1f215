import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportState, type HostTensor, type Module } from '@ltml/tensor';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build, loadModel, resolve, run } from '../src/node/index.ts';

const hashOf = ({ buffer, byteOffset, byteLength }: HostTensor['data']): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');

let folder: string;
let trained: string;
const pictures = (): object => ({ name: 'folder', root: join(folder, 'pictures') });

/** What the state of a network holds, by name. */
const stateOf = async (network: Module) =>
  new Map([...(await exportState(network))].map(([name, { data }]) => [name, hashOf(data)]));

/** A few pictures of two classes, and a run of two steps of DSCL on them. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-after-run-'));
  for (const [name, level] of [
    ['dark', 40],
    ['light', 200],
  ] as const) {
    mkdirSync(join(folder, 'pictures', name), { recursive: true });
    for (let i = 0; i < 14; i++) {
      const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => level + ((at * (i + 3)) % 30));
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } }).toFile(
        join(folder, 'pictures', name, `${i}.png`),
      );
    }
  }
  trained = join(folder, 'dscl');
  const recipe = await resolve({
    data: pictures(),
    features: null,
    method: {
      name: 'dscl',
      preset: 'dscl-pbsd',
      options: {
        dimension: 8,
        encoderMomentum: 0.9,
        queue: { size: 16 },
        viewSize: 32,
        patches: { size: 16 },
        pretrain: { epochs: 2, schedule: { warmup: { epochs: 0 } } },
        classify: { epochs: 1 },
      },
    },
    batchSize: 8,
    dropLast: true,
  });
  const built = await build(recipe, { workers: 0 });
  await run(built, { folder: trained });
  built.dispose();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const methods = {
  linear: { loss: { name: 'focal' }, features: { views: 0 } },
  mkt: {
    method: {
      name: 'mkt',
      preset: 'repo',
      options: { localHead: 'mlp', topK: 4, distil: { epochs: 1, fixLayer: 1 }, prompt: { epochs: 0 } },
    },
    features: null,
  },
  cprfl: {
    method: {
      name: 'cprfl',
      options: {
        width: 16,
        vsi: { heads: 2, headWidth: 8, hiddenWidth: 16 },
        schedule: { name: 'oneCycle', epochs: 80 },
      },
    },
    features: { views: 0 },
  },
};

it.each(Object.entries(methods))(
  '%s begins with the network that DSCL trained',
  { timeout: 120_000 },
  async (name, rest) => {
    const recipe = await resolve({ data: pictures(), encoder: { run: trained }, batchSize: 8, steps: 2, ...rest });
    const dscl = await loadModel(trained);
    const built = await build(recipe, { workers: 0 });
    // DSCL has its encoder under a name of its own, and the momentum encoder beside it.
    const ofRun = await stateOf(dscl.learner);
    const taken = await stateOf(built.encoder.network);
    const prefix = [...ofRun.keys()]
      .find((key) => key.endsWith('query.encoder.conv1.weight'))
      ?.replace('conv1.weight', '');
    expect(prefix).toBeDefined();
    for (const [key, values] of taken) expect(ofRun.get(`${prefix}${key}`) === values, key).toBe(true);
    const result = await run(built, { folder: join(folder, name) });
    expect(result.outcome).toBe('finished');
    built.dispose();
    dscl.dispose();
    // The bundle has the weights itself: the run before it may go.
    const model = await loadModel(join(folder, name));
    expect(model.recipe.encoder.name).toBe('resnet-tiny');
    model.dispose();
  },
);

it('is refused where there is no run, and under the name of another encoder', async () => {
  const at = async (encoder: object) => build(await resolve({ data: pictures(), encoder, loss: { name: 'focal' } }));
  await expect(at({ run: join(folder, 'nothing') })).rejects.toThrow(
    /encoder\.run: .*nothing is not the folder of a run/,
  );
  await expect(at({ name: 'resnet50', run: trained })).rejects.toThrow(/encoder\.name: should be resnet-tiny/);
});
