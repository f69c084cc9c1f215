import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digitsLt } from '@ltml/data';
import { readSafetensors } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../src/program.ts';

const native = tf.getBackend() === 'tensorflow';
const python = process.env.LTML_PYTHON ?? 'python3';
const pythonHasTensorFlow =
  native && spawnSync(python, ['-c', 'import importlib.util as u; assert u.find_spec("tensorflow")']).status === 0;

/** Runs a command in this process: its exit code and what it writes. */
async function ltml(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const write = (stream: NodeJS.WriteStream) => vi.spyOn(stream, 'write').mockImplementation(() => true);
  const [out, errors] = [write(process.stdout), write(process.stderr)];
  const text = (spy: typeof out) => spy.mock.calls.map(([part]) => String(part)).join('');
  try {
    const code = await main(args);
    return { code, out: text(out), errors: text(errors) };
  } finally {
    vi.restoreAllMocks();
  }
}

afterEach(() => vi.restoreAllMocks());

describe.runIf(native)('ltml export', () => {
  let folder: string;
  let run: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-export-'));
    run = join(folder, 'run');
    const config = join(folder, 'run.yaml');
    writeFileSync(config, 'loss: { name: focal }\ncachedViews: 0\nmethod: { options: { epochs: 1 } }\n');
    expect((await ltml('train', config, '--out', run)).code).toBe(0);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['savedmodel', (path: string) => JSON.parse(readFileSync(join(path, 'assets.extra', 'classes.json'), 'utf8'))],
    ['tfjs', (path: string) => JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')).userDefinedMetadata.classes],
    ['onnx', (path: string) => /\[[^\]]*red zero[^\]]*\]/.exec(readFileSync(path, 'latin1'))?.[0]],
  ])(
    '--to %s writes scores that are ours, the names of the classes, and nothing over what is there',
    async (to, names) => {
      const path = join(folder, to);
      const { code, out, errors } = await ltml('export', run, '--to', to, '--out', path);
      expect(errors).toBe('');
      expect(code).toBe(0);
      expect(out).toMatch(
        /images \[batch, 64, 64, 3\] to scores of 20 classes\nits scores of 8 sample pictures are ours to \d/,
      );
      const { classes } = (await digitsLt()).test;
      const written = names(path);
      expect(typeof written === 'string' ? JSON.parse(written) : written).toEqual(classes);
      const again = await ltml('export', run, '--to', to, '--out', path);
      expect(again).toMatchObject({ code: 1, errors: expect.stringMatching(/which exists\n$/) });
    },
  );

  it('refuses a format that it does not know, and a folder without a model', async () => {
    expect(await ltml('export', run, '--to', 'caffe', '--out', join(folder, 'x'))).toMatchObject({ code: 2 });
    const gone = await ltml('export', join(folder, 'gone'), '--to', 'onnx', '--out', join(folder, 'x'));
    expect(gone).toMatchObject({ code: 2, errors: expect.stringMatching(/no run in .*gone/) });
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it.runIf(pythonHasTensorFlow)(
    'gives Python’s TensorFlow the scores that the run stored',
    async () => {
      const { test } = await digitsLt();
      const pictures = await Promise.all([0, 1].map(async (i) => (await test.images.read(i)).pixels));
      const script = `
import json, sys, tensorflow as tf
predict = tf.saved_model.load(sys.argv[1]).signatures['serving_default']
images = tf.reshape(tf.constant(json.load(sys.stdin), tf.float32), [2, 64, 64, 3])
print(json.dumps(predict(images=images)['scores'].numpy().ravel().tolist()))`;
      const { stdout, stderr } = spawnSync(python, ['-c', script, join(folder, 'savedmodel')], {
        input: JSON.stringify(pictures.flatMap((pixels) => [...pixels])),
        encoding: 'utf8',
      });
      expect(stdout, stderr).toMatch(/^\[/);
      const stored = readSafetensors(readFileSync(join(run, 'predictions.safetensors'))).tensors.get('scores')!;
      expectClose(JSON.parse(stdout), [...stored.data].slice(0, 40).map(Number), { relative: 1e-4, absolute: 1e-5 });
    },
    120_000,
  );
});
