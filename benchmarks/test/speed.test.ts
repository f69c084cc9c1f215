import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { createCoopRows } from '../../packages/coop/bench/speed.ts';
import { createCprflRows } from '../../packages/cprfl/bench/speed.ts';
import { createLiftRows } from '../../packages/lift/bench/speed.ts';
import { createMlcNcRows } from '../../packages/mlc-nc/bench/speed.ts';
import { createTransferRows } from '../../packages/sarb/bench/semantic-transfer.ts';
import { createSarbRows } from '../../packages/sarb/bench/speed.ts';
import type { SpeedRow } from '../../packages/tensor/bench/row.ts';
import { createBackboneRows } from '../src/speed/backbone.ts';
import { CheckoutPeer } from '../src/speed/checkout-peer.ts';
import { createEncoderRows } from '../src/speed/encoders.ts';
import { formatSpeed } from '../src/speed/format.ts';
import { resnet50Shapes } from '../src/speed/resnet50-shapes.ts';
import { runSpeed } from '../src/speed/run.ts';
import { createStepRows } from '../src/speed/steps.ts';
import { TorchPeer } from '../src/speed/torch-peer.ts';

const row = (calls: string[]): SpeedRow => ({
  name: 'nothing',
  torch: 'def run():\n    pass',
  prepare: () => ({
    run: () => {
      calls.push('run');
    },
    dispose: () => {
      calls.push('dispose');
    },
  }),
});

it('times a row without a peer and disposes of it last', async () => {
  const calls: string[] = [];
  const [result] = await runSpeed([row(calls)], { engine: 'none', rounds: 3, turn: 0.01 });
  expect(result).toMatchObject({ row: 'nothing', engine: 'none', peerMs: null, ratio: null });
  expect(result.ms).toBeGreaterThanOrEqual(0);
  expect(calls.filter((call) => call === 'dispose')).toHaveLength(1);
  expect(calls.at(-1)).toBe('dispose');
  expect(formatSpeed([result]).join('\n')).toMatch(/nothing +none +\d/);
});

it('prints images a second, by the peer’s, and by the row that they can’t exceed', () => {
  const times = { engine: 'none', ratio: null, firstMs: 1, traceMs: null, peerCompiledMs: null, images: 512 };
  const lines = formatSpeed([
    { ...times, row: 'decode', ms: 1000, peerMs: null },
    { ...times, row: 'load', limit: 'decode', ms: 1250, peerMs: 1000 },
  ]);
  expect(lines.at(-3)).toMatch(/images\/s +peer +ours \/ peer +of limit$/);
  expect(lines.at(-1)).toMatch(/^load +410 +512 +0\.80 +0\.80$/);
});

it('disposes of a row that fails', async () => {
  const calls: string[] = [];
  const broken: SpeedRow = {
    ...row(calls),
    prepare: () => ({
      run: () => Promise.reject(new Error('no luck')),
      dispose: () => {
        calls.push('dispose');
      },
    }),
  };
  await expect(runSpeed([broken], { engine: 'none' })).rejects.toThrow('no luck');
  expect(calls).toEqual(['dispose']);
});

it('says why a Python will not do', async () => {
  await expect(TorchPeer.start('no-such-python')).rejects.toThrow(
    /a Python with PyTorch, got no-such-python: .*ENOENT/,
  );
});

it('takes turns with the rows of another checkout, and tells those that are not there', async () => {
  const checkout = mkdtempSync(join(tmpdir(), 'ltml-checkout-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  };
  const engines = 'benchmarks/node_modules/@ltml/tensor';
  write('benchmarks/package.json', '{ "type": "module" }');
  write(`${engines}/package.json`, '{ "type": "module", "exports": { "./node": "./node.js" } }');
  write(
    `${engines}/node.js`,
    "export const useBackend = (name) => { if (name !== 'wasm') throw new Error('not here'); };",
  );
  write(
    'benchmarks/src/speed/rows.ts',
    `const row = (name, ms) => ({ name, prepare: () => ({ run: () => new Promise((r) => setTimeout(r, ms)), dispose() {} }) });
     console.log('loading');
     export const speedRows = { some: [row('nothing', 5)] };`,
  );
  try {
    await expect(CheckoutPeer.start(checkout, 'cpu')).rejects.toThrow(/working engine cpu, got /);
    const peer = await CheckoutPeer.start(checkout, 'wasm');
    const rows = [row([]), { ...row([]), name: 'new' }];
    const [both, ours] = await runSpeed(rows, { engine: 'wasm', peer, rounds: 3, turn: 10 });
    peer.stop();
    expect(both.peerMs).toBeGreaterThan(4);
    expect(both.ratio).toBeLessThan(1);
    expect(ours).toMatchObject({ row: 'new', peerMs: null, ratio: null });
  } finally {
    rmSync(checkout, { recursive: true });
  }
}, 30_000);

it('has the 161 parameter tensors of ResNet-50 and their 25,557,032 numbers', () => {
  const shapes = [...resnet50Shapes().values()];
  expect(shapes).toHaveLength(161);
  expect(shapes.reduce((sum, shape) => sum + shape.reduce((size, n) => size * n, 1), 0)).toBe(25_557_032);
});

it('runs the rows of networks at a tiny size, and frees all they make', async () => {
  const resnet = { stem: 4, planes: [2, 2], blocks: [1, 1], groups: 1, groupWidth: 64 };
  const vit = { patchSize: 8, width: 8, depth: 1, heads: 2 };
  const sarb = { images: 2, side: 2, channels: 5, classes: 3, features: 4, innerFeatures: 3, prototypes: 2 };
  const cprfl = {
    batch: 2,
    tokens: 4,
    channels: 5,
    classes: 3,
    embedding: 4,
    width: 6,
    heads: 2,
    headWidth: 3,
    hiddenWidth: 5,
  };
  const rows = [
    ...createBackboneRows({ image: 32, inference: 2, training: 2, resnet, vit }),
    ...createSarbRows(sarb),
    ...createTransferRows({ ...sarb, pairFeatures: 3, hiddenFeatures: 4, queue: 3 }),
    // The last reads two thousand pictures from files.
    ...createEncoderRows({
      resnet: { shape: resnet, image: 32, batch: 2 },
      vit: { ...vit, image: 32, batch: 2 },
      text: { vocabularySize: 20, width: 8, layers: 2, heads: 2, embedding: 4, classes: 3, length: 4 },
      files: { shape: resnet, image: 32, count: 2 },
    }).slice(0, -1),
    ...createStepRows({
      sarb: {
        ...{ shape: resnet, image: 32, batch: 2, classes: 3 },
        head: { features: 8, innerFeatures: 4, prototypes: 2 },
      },
      cprfl: {
        ...{ shape: resnet, image: 32, batch: 2, classes: 3 },
        head: { embedding: 4, width: 8, heads: 2, headWidth: 4, hiddenWidth: 8 },
      },
      mkt: { vit, image: 32, batch: 2, classes: 3, embedding: 4, topK: 2 },
      dscl: {
        ...{ shape: resnet, image: 32, batch: 2, classes: 3 },
        views: { patches: 2, patchSize: 16, queue: 8, dimension: 4 },
      },
      balanced: { shape: resnet, image: 32, batch: 2, classes: 3 },
    }),
    ...createCprflRows(cprfl),
    ...createCoopRows({ batch: 2, places: 4, features: 5, classes: 3 }),
    ...createLiftRows({
      ...{ batch: 2, imageSize: 8, patchSize: 4, width: 6, depth: 1, heads: 2, classes: 3, bottleneck: 2 },
    }),
    ...createMlcNcRows({ batch: 2, tokens: 4, channels: 5, classes: 3, width: 6, heads: 2, projection: 3 }),
  ];
  const before = tf.memory().numTensors;
  for (const { prepare } of rows) {
    const row = await prepare();
    await row.run();
    await row.run();
    row.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }
});
