import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordPrediction, writeSavedModel } from '@ltml/engines/node/export';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, test } from 'vitest';
import { imageShape, predictions, randomImages } from './predictions.ts';

const native = tf.getBackend() === 'tensorflow';
const folder = mkdtempSync(join(tmpdir(), 'ltml-saved-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const python = process.env.LTML_PYTHON ?? 'python3';
const pythonHasTensorFlow =
  native && spawnSync(python, ['-c', 'import importlib.util as u; assert u.find_spec("tensorflow")']).status === 0;

test.runIf(pythonHasTensorFlow).each(['convolution', 'transformer'])(
  'Python’s TensorFlow loads a %s and runs it to the same scores',
  (name) => {
    const predict = predictions[name]();
    const directory = join(folder, name);
    writeSavedModel(directory, recordPrediction({ images: imageShape }, predict));
    const images = randomImages(3);
    const expected = tf.tidy(() => predict({ images }).scores.dataSync());
    const script = `
import json, sys, tensorflow as tf
predict = tf.saved_model.load(sys.argv[1]).signatures['serving_default']
images = tf.reshape(tf.constant(json.load(sys.stdin), tf.float32), [3, 9, 9, 3])
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
