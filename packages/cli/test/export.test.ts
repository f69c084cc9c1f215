import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, describeModel, resolve, writeModel } from '@ltml/recipes/node';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleScores } from '../../recipes/test/sample-scores.ts';
import { formats } from '../src/run/export/formats.ts';
import { ltml } from './in-process.ts';

const native = tf.getBackend() === 'tensorflow';
const python = process.env.LTML_PYTHON ?? 'python3';
const pythonHasTensorFlow =
  native && spawnSync(python, ['-c', 'import importlib.util as u; assert u.find_spec("tensorflow")']).status === 0;

afterEach(() => vi.restoreAllMocks());

/** The head of each method on the networks that are embedded. */
const recipes: Readonly<Record<string, object>> = {
  classifier: { loss: { name: 'focal' }, features: { views: 0 } },
  'trained-encoder': { loss: { name: 'focal' }, features: null },
  cprfl: {
    features: { views: 0 },
    method: { name: 'cprfl', options: { width: 8, vsi: { heads: 2, headWidth: 4, hiddenWidth: 8 } } },
  },
  sarb: { features: { views: 0 }, method: { name: 'sarb', options: { features: 8, attention: { innerFeatures: 8 } } } },
  mkt: {
    encoder: { name: 'tiny-clip' },
    method: { name: 'mkt', preset: 'repo', options: { topK: 6, distil: { fixLayer: 2 } } },
  },
  dscl: {
    data: { name: 'digits-lt-single' },
    method: { name: 'dscl', options: { dimension: 8, queue: { size: 64 } } },
  },
};

it('says that the formats of other programs need a TensorFlow engine', async () => {
  const { code, stderr } = await ltml('export', 'run', '--to', 'onnx', '--out', 'x', '--backend', 'cpu');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'ltml: --to onnx: needs the engine tensorflow or tensorflow-gpu, got cpu from --backend or LTML_BACKEND\n',
  });
});

describe.runIf(native)('ltml export', () => {
  let folder: string;
  const bundle = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-export-'));
    for (const [name, recipe] of Object.entries(recipes)) {
      const built = await build(await resolve(recipe));
      await writeModel(bundle(name), built, await describeModel(built), { kind: 'last', step: 0 });
      built.dispose();
    }
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.keys(recipes))('--to onnx gives ONNX Runtime the scores of %s', async (name) => {
    const path = join(folder, `${name}.onnx`);
    const { code, stdout, stderr } = await ltml('export', bundle(name), '--to', 'onnx', '--out', path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /images \[batch, 64, 64, 3\] to scores of \d+ classes\nscores of 8 sample pictures differ from the model's by at most \d/,
    );
    const { images, scores } = await sampleScores(bundle(name), 3);
    const session = await InferenceSession.create(path);
    const input = new Tensor('float32', images.dataSync<'float32'>(), images.shape);
    const given = (await session.run({ images: input })).scores.data as Float32Array;
    await session.release();
    images.dispose();
    expectClose(given, scores, { absolute: 1e-4 });
  });

  it.each(Object.keys(recipes))('--to tfjs writes a graph model of %s', async (name) => {
    const path = join(folder, `${name}-tfjs`);
    const { code, stderr } = await ltml('export', bundle(name), '--to', 'tfjs', '--out', path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { classes } = JSON.parse(readFileSync(join(bundle(name), 'model.json'), 'utf8'));
    expect(JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'))).toMatchObject({
      format: 'graph-model',
      userDefinedMetadata: { classes: (classes as { name: string }[]).map(({ name: own }) => own) },
    });
  });

  it('writes nothing over what is there', async () => {
    const path = join(folder, 'saved');
    expect((await ltml('export', bundle('classifier'), '--to', 'savedmodel', '--out', path)).code).toBe(0);
    const again = await ltml('export', bundle('classifier'), '--to', 'savedmodel', '--out', path);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/which exists\n$/) });
  });

  it('keeps no file whose scores are not those of the model', async () => {
    const before = readdirSync(folder);
    const onnx = await formats.onnx();
    const run = async (...args: Parameters<typeof onnx.run>) => (await onnx.run(...args)).map((score) => score + 0.01);
    vi.spyOn(formats, 'onnx').mockResolvedValue({ ...onnx, run });
    const { code, stderr } = await ltml('export', bundle('classifier'), '--to', 'onnx', '--out', join(folder, 'other'));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /equal to the model.s within 0\.0001, got 20 scores for 1 pictures, largest difference 0\.0/,
      ),
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it('--to bundle stores weights in fewer bits, and says what that changes', async () => {
    const path = join(folder, 'half');
    const { code, stdout } = await ltml(
      'export',
      bundle('classifier'),
      '--to',
      'bundle',
      '--storage',
      'float16',
      '--out',
      path,
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /weights as float16\n.* of 32 sample pictures change by at most \d.*\nmAP of \d+ validation images: \d+\.\d\d % before, \d+\.\d\d % now \([+-]\d\.\d\d\)\n/,
      ),
    });
    expect(JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')).weights.storage).toBe('float16');
  });

  it.each([
    ['a format that it does not know', 'classifier', ['--to', 'caffe'], /choices are bundle, savedmodel, tfjs, onnx/],
    ['a folder without a model', 'gone', ['--to', 'onnx'], /no run or model in .*gone/],
    ['what is for bundles', 'classifier', ['--to', 'onnx', '--storage', 'int8'], /--storage: is for --to bundle/],
  ])('refuses %s', async (_, name, options, message) => {
    const { code, stderr } = await ltml('export', bundle(name), ...options, '--out', join(folder, 'x'));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it.runIf(pythonHasTensorFlow)(
    'gives Python’s TensorFlow the scores of the model',
    async () => {
      const { images, scores } = await sampleScores(bundle('classifier'), 3);
      const script = `
import json, sys, tensorflow as tf
predict = tf.saved_model.load(sys.argv[1]).signatures['serving_default']
images = tf.reshape(tf.constant(json.load(sys.stdin), tf.float32), [3, 64, 64, 3])
print(json.dumps(predict(images=images)['scores'].numpy().ravel().tolist()))`;
      const { stdout, stderr } = spawnSync(python, ['-c', script, join(folder, 'saved')], {
        input: JSON.stringify([...images.dataSync()]),
        encoding: 'utf8',
      });
      images.dispose();
      expect(stdout, stderr).toMatch(/^\[/);
      expectClose(JSON.parse(stdout), scores, { relative: 1e-4, absolute: 1e-5 });
    },
    120_000,
  );
});
