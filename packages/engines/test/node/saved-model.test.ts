import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSavedModel } from '@ltml/engines/node';
import { gelu, layerNorm, NotSupportedError, RandomStream, selfAttention } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, test } from 'vitest';

const native = tf.getBackend() === 'tensorflow';
const folder = mkdtempSync(join(tmpdir(), 'ltml-saved-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const python = process.env.LTML_PYTHON ?? 'python3';
const pythonHasTensorFlow =
  native && spawnSync(python, ['-c', 'import importlib.util as u; assert u.find_spec("tensorflow")']).status === 0;

const random = new RandomStream(3);
const values = (size: number) => Float32Array.from({ length: size }, () => random.normal());

/** A convolution and a linear head over weights in variables. */
function model() {
  const filter = tf.variable(tf.tensor(values(3 * 3 * 3 * 8), [3, 3, 3, 8]));
  const head = tf.variable(tf.tensor(values(8 * 5), [8, 5]));
  const predict = ({ images }: { images: tf.Tensor }) => ({
    scores: tf.matMul(
      tf.mean(tf.relu(tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same')), [1, 2]),
      head,
    ),
  });
  return { predict, images: tf.tensor(values(2 * 9 * 9 * 3), [2, 9, 9, 3]) };
}

/** Layers that have kernels of our own, which other programs don't know, over patches of the images. */
function transformer() {
  const { images } = model();
  const weights = tf.variable(tf.tensor(values(27 * 24), [27, 24]));
  const predict = ({ images }: { images: tf.Tensor }) => {
    const joined = tf.matMul(tf.reshape(images, [18, 27]), weights);
    const tokens = selfAttention(tf.reshape(joined, [2, 9, 24]), { heads: 2 });
    return { scores: gelu(layerNorm(tokens, tf.ones([8]), tf.zeros([8]))) };
  };
  return { predict, images };
}

const models = { convolution: model, transformer };

describe.runIf(native)('exportSavedModel', () => {
  test.runIf(pythonHasTensorFlow).each(['convolution', 'transformer'] as const)(
    'writes a %s that Python’s TensorFlow loads and runs to the same scores',
    (name) => {
      const { predict, images } = models[name]();
      const directory = join(folder, name);
      exportSavedModel(directory, { images }, predict);
      const expected = tf.tidy(() => predict({ images }).scores.dataSync());
      const script = `
import json, sys, tensorflow as tf
predict = tf.saved_model.load(sys.argv[1]).signatures['serving_default']
images = tf.reshape(tf.constant(json.load(sys.stdin), tf.float32), [2, 9, 9, 3])
print(json.dumps(predict(images=images)['scores'].numpy().ravel().tolist()))`;
      const { stdout, stderr } = spawnSync(python, ['-c', script, directory], {
        input: JSON.stringify([...images.dataSync()]),
        encoding: 'utf8',
      });
      expect(stdout, stderr).toMatch(/^\[/);
      expectClose(JSON.parse(stdout), expected, { relative: 1e-5 });
    },
    120_000,
  );

  test('writes none of our own ops, and leaves them to the engine', () => {
    const { predict, images } = transformer();
    const kernels = () =>
      tf.getKernelsForBackend('tensorflow').map(({ kernelName, kernelFunc }) => ({ kernelName, kernelFunc }));
    const byName = (a: { kernelName: string }, b: { kernelName: string }) => (a.kernelName < b.kernelName ? -1 : 1);
    const before = kernels().sort(byName);
    exportSavedModel(join(folder, 'portable'), { images }, predict);
    const graph = readFileSync(join(folder, 'portable', 'saved_model.pb'), 'latin1');
    expect(graph).toContain('Softmax');
    expect(graph).not.toContain('Ltml');
    expect(kernels().sort(byName)).toEqual(before);
  });

  test('leaves nothing behind when the function can’t be recorded', () => {
    const { images } = model();
    const bad = ({ images }: { images: tf.Tensor }) => ({ scores: tf.scalar(tf.sum(images).dataSync()[0]) });
    expect(() => exportSavedModel(join(folder, 'bad'), { images }, bad)).toThrow(/read of a tensor/);
    expect(readdirSync(folder).filter((name) => name.includes('bad'))).toEqual([]);
  });

  test('refuses a directory that exists', () => {
    const { predict, images } = model();
    expect(() => exportSavedModel(folder, { images }, predict)).toThrow(/which exists/);
  });

  test('makes no tensors', () => {
    const { predict, images } = model();
    const before = tf.memory().numTensors;
    exportSavedModel(join(folder, 'memory'), { images }, predict);
    expect(tf.memory().numTensors).toBe(before);
    expect(existsSync(join(folder, 'memory', 'saved_model.pb'))).toBe(true);
  });
});

test.runIf(!native)('exportSavedModel on another engine says which one it needs', () => {
  const { predict, images } = model();
  let error: unknown;
  try {
    exportSavedModel(join(folder, 'other'), { images }, predict);
  } catch (caught) {
    error = caught;
  }
  expect(NotSupportedError.is(error)).toBe(true);
});
