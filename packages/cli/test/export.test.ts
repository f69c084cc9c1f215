import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digitsLt } from '@ltml/data';
import { readSafetensors } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const native = tf.getBackend() === 'tensorflow';
const python = process.env.LTML_PYTHON ?? 'python3';
const pythonHasTensorFlow =
  native && spawnSync(python, ['-c', 'import importlib.util as u; assert u.find_spec("tensorflow")']).status === 0;
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));

function ltml(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', bin, ...args], { encoding: 'utf8' });
}

describe.runIf(native)('ltml export --saved-model', () => {
  let folder: string;
  let run: string;
  let model: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-export-'));
    run = join(folder, 'run');
    model = join(folder, 'model');
    const config = join(folder, 'run.yaml');
    writeFileSync(config, 'loss: { name: focal }\ncachedViews: 0\nmethod: { options: { epochs: 1 } }\n');
    expect(ltml('train', config, '--out', run).status).toBe(0);
    expect(ltml('export', run, '--saved-model', model, '--batch', '2').status).toBe(0);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes the model with the names of its classes, and nothing over an older one', async () => {
    const names = JSON.parse(readFileSync(join(model, 'assets.extra', 'classes.json'), 'utf8'));
    expect(names).toEqual((await digitsLt()).test.classes);
    expect(existsSync(join(model, 'saved_model.pb'))).toBe(true);
    const again = ltml('export', run, '--saved-model', model);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/directory should be new/);
  });

  it.runIf(pythonHasTensorFlow)(
    'gives Python’s TensorFlow the scores that the run stored',
    async () => {
      const { test } = await digitsLt();
      const pictures = await Promise.all([0, 1].map((i) => test.images.read(i)));
      const script = `
import json, sys, tensorflow as tf
predict = tf.saved_model.load(sys.argv[1]).signatures['serving_default']
images = tf.reshape(tf.constant(json.load(sys.stdin), tf.float32), [2, 64, 64, 3])
print(json.dumps(predict(images=images)['scores'].numpy().ravel().tolist()))`;
      const { stdout, stderr } = spawnSync(python, ['-c', script, model], {
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
