import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTensor } from '@ltml/tensor';
import type { Checkpoint } from '@ltml/train';
import { checkpointFolder, readCheckpoint } from '@ltml/train/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const weight: HostTensor = { dtype: 'F32', shape: [2], data: Float32Array.of(1, Number.NaN) };
const count: HostTensor = { dtype: 'I32', shape: [], data: Int32Array.of(3) };

function checkpoint(step: number): Checkpoint {
  return {
    tensors: new Map([
      ['model.w', weight],
      ['optimizer.w.step', count],
    ]),
    state: {
      version: 1,
      cursor: { stage: 0, epoch: 1, stageStep: step, step },
      random: { dropout: [1, 2, 3, 4294967295] },
      loaders: [{ epoch: 1, batch: 2, sampler: [5, 6] }],
      selection: { best: 0.1 + 0.2, bestStep: 3, waited: 0 },
      totals: { images: 8, loss: 1 / 3, terms: {} },
      metrics: { mAP: Number.NaN, 'mAP/head': Number.NEGATIVE_INFINITY },
      slots: ['w.step'],
      backend: 'wasm',
      compiled: false,
    },
  };
}

async function twoCheckpoints() {
  const warnings: string[] = [];
  const store = checkpointFolder(folder, { onWarning: (message) => void warnings.push(message) });
  await store.save(checkpoint(9));
  await store.save(checkpoint(10));
  return { store, warnings, newest: join(folder, 'checkpoint-00000010.safetensors') };
}

describe('checkpointFolder', () => {
  it('gives back what it was given, tensors and state to the last bit', async () => {
    const { store } = await twoCheckpoints();
    expect(await store.load()).toEqual(checkpoint(10));
  });

  it('has nothing to give from an empty or missing folder', async () => {
    expect(await checkpointFolder(folder).load()).toBeUndefined();
    expect(await checkpointFolder(join(folder, 'none')).load()).toBeUndefined();
    expect(await checkpointFolder(folder).loadBest()).toBeUndefined();
  });

  it('keeps the newest two, by number and not by spelling, and leaves what others may be writing', async () => {
    const store = checkpointFolder(folder);
    const half = 'checkpoint-00000200.safetensors.1a2b3c4d.tmp';
    writeFileSync(join(folder, half), 'half');
    for (const step of [8, 9, 10, 100]) await store.save(checkpoint(step));
    expect(readdirSync(folder)).toEqual(['checkpoint-00000010.safetensors', 'checkpoint-00000100.safetensors', half]);
    for (const step of [99_999_999, 100_000_000]) await store.save(checkpoint(step));
    expect((await store.load())?.state.cursor.step).toBe(100_000_000);
  });

  it('removes checkpoints of later steps once the run went back, not the one it has just saved', async () => {
    const { store } = await twoCheckpoints();
    for (const name of readdirSync(folder)) truncateSync(join(folder, name), 30);
    await store.save(checkpoint(5));
    expect(readdirSync(folder)).toEqual(['checkpoint-00000005.safetensors']);
  });

  it.each([0, 7, 20, 400])('passes over a newest checkpoint cut off at %i bytes, and says so', async (length) => {
    const { store, warnings, newest } = await twoCheckpoints();
    truncateSync(newest, length);
    expect((await store.load())?.state.cursor.step).toBe(9);
    expect(warnings).toEqual([expect.stringMatching(/damaged checkpoint: checkpoint-00000010/)]);
  });

  it('passes over a newest checkpoint with one bit flipped, wherever it is', async () => {
    const { store, newest } = await twoCheckpoints();
    const sound = readFileSync(newest);
    for (let at = 0; at < sound.length; at += 13) {
      const altered = Buffer.from(sound);
      altered[at] ^= 1 << (at % 8);
      writeFileSync(newest, altered);
      expect({ at, step: (await store.load())?.state.cursor.step }).toEqual({ at, step: 9 });
    }
  });

  it('refuses a broken newest checkpoint where nobody is told that an older one takes its place', async () => {
    const { newest } = await twoCheckpoints();
    truncateSync(newest, 30);
    await expect(checkpointFolder(folder).load()).rejects.toThrow(/checkpoint-00000010.safetensors should be intact/);
  });

  it('does not make its folder anew when it is taken away', async () => {
    const { store } = await twoCheckpoints();
    rmSync(folder, { recursive: true });
    await expect(store.save(checkpoint(11))).rejects.toThrow(/DataError|should be writable, got ENOENT/);
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder);
  });

  it('refuses a folder with none but broken checkpoints, and names them', async () => {
    const { store } = await twoCheckpoints();
    for (const name of readdirSync(folder)) truncateSync(join(folder, name), 30);
    await expect(store.load()).rejects.toThrow(/only damaged ones: checkpoint-00000010.*; checkpoint-00000009/);
  });

  it('refuses weights that are no checkpoint', async () => {
    const store = checkpointFolder(folder);
    await store.saveBest({ step: 3, weights: new Map([['w', weight]]) });
    await expect(readCheckpoint(join(folder, 'best.safetensors'))).rejects.toThrow(/should be intact/);
  });

  it.each([0, -1, Number.NaN, 1.5, '2'])('refuses to keep %s checkpoints', (keep) => {
    expect(() => checkpointFolder(folder, { keep: keep as number })).toThrow(
      /options.keep should be a whole number ≥ 1/,
    );
    expect(() => checkpointFolder(folder, { kept: 2 } as never)).toThrow(/unknown option "kept"/);
  });

  it('keeps the best weights beside the checkpoints, and their step', async () => {
    const { store } = await twoCheckpoints();
    const best = { step: 10, weights: new Map([['w', weight]]) };
    await store.saveBest(best);
    await store.save(checkpoint(11));
    expect(await store.loadBest()).toEqual(best);
  });

  it('refuses best weights with one bit flipped, wherever it is', async () => {
    const store = checkpointFolder(folder);
    const path = join(folder, 'best.safetensors');
    await store.saveBest({ step: 10, weights: new Map([['w', weight]]) });
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at++) {
      const altered = Buffer.from(sound);
      altered[at] ^= 1 << (at % 8);
      writeFileSync(path, altered);
      await expect(store.loadBest()).rejects.toThrow(/best.safetensors should be intact/);
    }
  });
});
