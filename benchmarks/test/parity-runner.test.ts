import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ParityAdapter, ParityAdapters, ParityValue } from '../../packages/tensor/parity/adapter.ts';
import { type ParityResult, runParity } from '../src/parity/run.ts';
import { formatParity } from '../src/parity/table.ts';
import { ruleFor } from '../src/parity/tolerance.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parity-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A safetensors file of float32 tensors, written out by hand. */
function safetensors(tensors: Record<string, { shape: number[]; values: number[] }>): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * values.length] };
    offset += 4 * values.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const data = Float32Array.from(Object.values(tensors).flatMap(({ values }) => values));
  return Buffer.concat([length, text, Buffer.from(data.buffer)]);
}

const square = {
  file: 'square.safetensors',
  case: 'small',
  function: 'square',
  inputs: ['small/x'],
  outputs: ['small/y'],
  params: {},
  tolerance: { default: { rtol: 1e-4, atol: 1e-6 } },
};

function writeIndex(...cases: object[]): void {
  writeFileSync(join(folder, 'index.json'), JSON.stringify(cases));
  writeFileSync(
    join(folder, 'square.safetensors'),
    safetensors({
      'small/x': { shape: [2, 2], values: [1, 2, 3, 4] },
      'small/y': { shape: [2, 2], values: [1, 4, 9, 16] },
      'small/grad_w/a': { shape: [1], values: [2000] },
      'small/grad_w/b': { shape: [1], values: [3] },
      'other/y': { shape: [1], values: [0] },
    }),
  );
}

async function runOne(adapter: ParityAdapter): Promise<ParityResult> {
  const [result] = await runParity([folder], { square: adapter });
  return result;
}

const answer =
  (y: ParityValue): ParityAdapter =>
  () => ({ y });

describe('runParity', () => {
  it('passes a right adapter and disposes of every tensor', async () => {
    writeIndex(square);
    const before = tf.memory().numTensors;
    const result = await runOne(({ tensor }) => ({ y: tf.square(tensor('x')) }));
    expect(result).toEqual({
      part: expect.stringMatching(/^parity-/),
      function: 'square',
      name: 'small',
      status: 'passed',
      problems: [],
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, ParityAdapter, RegExp]>([
    ['a wrong value', answer([1, 4, 9, 16.1]), /1 of 4 numbers differ; the worst at 3/],
    ['NaN instead of a number', answer([1, Number.NaN, 9, 16]), /differ/],
    ['an infinity instead of a number', answer([1, Number.POSITIVE_INFINITY, 9, 16]), /differ/],
    ['a missing output', () => ({}), /y: the adapter returned nothing/],
    ['a wrong shape', ({ tensor }) => ({ y: tf.reshape(tf.square(tensor('x')), [4]) }), /shape \[2, 2\], got \[4\]/],
    ['too few values', answer([1, 4, 9]), /expected 4 numbers, got 3/],
    ['text', answer('16'), /expected numbers/],
    [
      'an exception',
      () => {
        throw new Error('out of order');
      },
      /out of order/,
    ],
    ['a name that is not stored', ({ host }) => ({ y: host('z') }), /one of x, y, .*got "z"/],
  ])('fails %s', async (_, adapter, message) => {
    writeIndex(square);
    const before = tf.memory().numTensors;
    const { status, problems } = await runOne(adapter);
    expect(status).toBe('failed');
    expect(problems.join()).toMatch(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('skips a function without an adapter, names it, and counts in the last line', async () => {
    writeIndex(square, { ...square, function: 'cube' });
    const lines = formatParity(await runParity([folder], { square: answer([1, 4, 9, 16]) }));
    expect(lines.join('\n')).toMatch(/not implemented yet: parity-\w+: cube\n/);
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
  });

  it('prefers an adapter of the part over one of the bare name', async () => {
    writeIndex(square);
    const part = folder.split(/[\\/]/).at(-1);
    const adapters: ParityAdapters = { square: answer([0, 0, 0, 0]), [`${part}/square`]: answer([1, 4, 9, 16]) };
    expect((await runParity([folder], adapters))[0].status).toBe('passed');
  });

  it('asks for every stored name that a wildcard matches, in this case only', async () => {
    writeIndex({ ...square, outputs: ['small/grad_w/*'] });
    expect((await runOne(() => ({ 'grad_w/a': [2000], 'grad_w/b': 3 }))).status).toBe('passed');
    const { problems } = await runOne(() => ({ 'grad_w/a': [2000] }));
    expect(problems).toEqual(['grad_w/b: the adapter returned nothing']);
  });

  it('takes a scalar for a stored list of one', async () => {
    writeIndex({ ...square, outputs: ['small/grad_w/b'] });
    expect((await runOne(() => ({ 'grad_w/b': tf.scalar(3) }))).status).toBe('passed');
  });

  it('scales a bound by the largest value where the index says so', async () => {
    const tolerance = { rtol: 1e-4, atol: 1e-4, note: 'tolerances are relative to max(1,|ref|_max of the tensor)' };
    writeIndex({ ...square, tolerance });
    // 16e-4 is allowed everywhere, so 1.0015 passes for 1 and 1.0017 does not.
    expect((await runOne(answer([1.0015, 4, 9, 16]))).status).toBe('passed');
    expect((await runOne(answer([1.0017, 4, 9, 16]))).status).toBe('failed');
  });

  it('scales the absolute bound alone for atol_x_max', async () => {
    writeIndex({ ...square, tolerance: { rtol: 0, atol_x_max: 1e-4 } });
    expect((await runOne(answer([1.0015, 4, 9, 16]))).status).toBe('passed');
    expect((await runOne(answer([1.0017, 4, 9, 16]))).status).toBe('failed');
  });

  it('takes nothing but equality for exact', async () => {
    writeIndex({ ...square, tolerance: { default: { exact: true } } });
    expect((await runOne(answer([1, 4, 9, 16]))).status).toBe('passed');
    expect((await runOne(answer([1, 4, 9, 16.00001]))).status).toBe('failed');
  });

  it('reads rows by columns and compares text, NaN and nested values exactly', async () => {
    const rows = [
      { text: 'a cat', ids: [320, 2368], length: 4, score: 'NaN' },
      { text: 'dogs', ids: [3255], length: 3, score: 0.5 },
    ];
    writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows));
    writeIndex({
      file: 'rows.json',
      function: 'square',
      inputs: ['text'],
      outputs: ['ids', 'length', 'score'],
      tolerance: { exact: true },
    });
    const right = { ids: [[320, 2368], [3255]], length: [4, 3], score: [Number.NaN, 0.5] };
    expect(
      await runOne(({ json }) => {
        expect(json('text')).toEqual(['a cat', 'dogs']);
        return right;
      }),
    ).toMatchObject({ status: 'passed' });
    expect((await runOne(() => ({ ...right, ids: [[320, 2368], [3256]] }))).problems[0]).toMatch(/^ids: at 1: /);
    expect((await runOne(() => ({ ...right, score: [0, 0.5] }))).status).toBe('failed');
  });

  it('compares what the adapter returns with the file where no outputs are listed, and refuses nothing', async () => {
    writeFileSync(join(folder, 'whole.json'), JSON.stringify({ frozen: { stem: ['conv1', 'bn1'] } }));
    writeIndex({ file: 'whole.json', function: 'square', inputs: [], outputs: [], tolerance: { exact: true } });
    expect((await runOne(() => ({ 'frozen/stem': ['conv1', 'bn1'] }))).status).toBe('passed');
    expect((await runOne(() => ({ '': { frozen: { stem: ['conv1', 'bn1'] } } }))).status).toBe('passed');
    expect((await runOne(() => ({ 'frozen/stem': ['conv1', 'bn2'] }))).status).toBe('failed');
    expect((await runOne(() => ({ 'frozen/stem': ['conv1'] }))).status).toBe('failed');
    expect((await runOne(() => ({}))).status).toBe('failed');
  });

  it('checks random draws against their stored probabilities', async () => {
    writeFileSync(
      join(folder, 'draws.json'),
      JSON.stringify({ class_probability: [0.5, 0.5], drawn_class_count: [51, 49] }),
    );
    writeIndex({
      file: 'draws.json',
      function: 'square',
      inputs: [],
      outputs: ['drawn_class_count'],
      params: { num_draws: 100 },
      tolerance: { rtol: 0, 'drawn_*': 'statistical only (5 sigma)' },
    });
    // One standard deviation is 5 draws.
    expect((await runOne(() => ({ drawn_class_count: [74, 26] }))).status).toBe('passed');
    expect((await runOne(() => ({ drawn_class_count: [76, 24] }))).status).toBe('failed');
    expect((await runOne(() => ({ drawn_class_count: [50, 49] }))).status).toBe('failed');
  });

  it('compares summaries relative to the spread stored beside them', async () => {
    const output = { shape: [2, 8], mean: 0.1, std: 2, first: [1, 2] };
    const gradient = { shape: [4, 4], l2: 8, mean: 0.5 };
    writeFileSync(join(folder, 'sums.json'), JSON.stringify({ output, gradient }));
    writeIndex({
      file: 'sums.json',
      function: 'square',
      inputs: [],
      outputs: [],
      tolerance: { rel_to_std: 0.001, grad_rel: 0.001 },
    });
    const pass = async (value: Record<string, ParityValue>): Promise<boolean> =>
      (await runOne(() => value)).status === 'passed';
    expect(await pass({ output: { ...output, mean: 0.1019, first: [1.0019, 2] } })).toBe(true);
    expect(await pass({ output: { ...output, mean: 0.1021 } })).toBe(false);
    expect(await pass({ output: { ...output, shape: [8, 2] } })).toBe(false);
    // l2 within 0.008; the mean within 0.001 · 8 / √16 = 0.002.
    expect(await pass({ gradient: { ...gradient, l2: 8.0079, mean: 0.5019 } })).toBe(true);
    expect(await pass({ gradient: { ...gradient, mean: 0.5021 } })).toBe(false);
  });

  it.each<[string, () => void, RegExp]>([
    ['no index', () => {}, /index\.json should be a file, got nothing there/],
    ['an index that is not JSON', () => writeFileSync(join(folder, 'index.json'), '[{'), /readable JSON/],
    ['an empty index', () => writeFileSync(join(folder, 'index.json'), '[]'), /a list of cases/],
    ['a missing file', () => writeIndex({ ...square, file: 'gone.safetensors' }), /the missing gone\.safetensors/],
    [
      'an entry without outputs',
      () => writeIndex({ ...square, outputs: undefined }),
      /outputs should be a list of names/,
    ],
  ])('refuses %s', async (_, write, message) => {
    write();
    await expect(runParity([folder], { square: answer(0) })).rejects.toThrow(message);
  });

  it('fails a case whose values file is broken', async () => {
    writeIndex(square);
    writeFileSync(join(folder, 'square.safetensors'), 'nonsense');
    expect((await runOne(answer(0))).status).toBe('failed');
  });
});

describe('ruleFor', () => {
  const close = (relative: number, absolute: number): object => ({ kind: 'close', relative, absolute, scale: 'none' });

  it('goes from the exact name over the longest pattern to the default', () => {
    const tolerance = {
      default: { rtol: 1 },
      'epoch*': { rtol: 2 },
      'epoch_l*': { rtol: 3 },
      epoch_length: { rtol: 4 },
    };
    expect(ruleFor('epoch_length', tolerance)).toEqual(close(4, 0));
    expect(ruleFor('epoch_last', tolerance)).toEqual(close(3, 0));
    expect(ruleFor('epoch0', tolerance)).toEqual(close(2, 0));
    expect(ruleFor('other', tolerance)).toEqual(close(1, 0));
  });

  it('takes 1e-4 relative where nothing is said', () => {
    expect(ruleFor('loss', {})).toEqual(close(1e-4, 1e-6));
    expect(ruleFor('loss', { grad_logits: { rtol: 1 } })).toEqual(close(1e-4, 1e-6));
  });

  it('holds gradients to their own bounds, wherever the name says grad', () => {
    const tolerance = { rtol: 1e-4, atol: 1e-5, grad_rtol: 1e-3, grad_atol: 1e-2 };
    for (const name of ['grad_x', 'grad_in/x', 'c0/grad_w/weight'])
      expect(ruleFor(name, tolerance)).toEqual(close(1e-3, 1e-2));
    expect(ruleFor('upgrade', tolerance)).toEqual(close(1e-4, 1e-5));
  });

  it('refuses a rule it cannot read', () => {
    expect(() => ruleFor('y', { default: { ulp: 1 } })).toThrow(/tolerance of y/);
    expect(() => ruleFor('y', { default: { rtol: -1 } })).toThrow(/rtol = -1/);
    expect(() => ruleFor('y', { y: 'about right' })).toThrow(/about right/);
  });
});
