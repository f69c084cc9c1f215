import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  onnxModel,
  recordPrediction,
  runGraphModel,
  runSavedModel,
  writeChecked,
  writeGraphModel,
  writeSavedModel,
} from '@ltml/engines/node/export';
import { NotSupportedError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { imageShape, predictions, randomImages } from './predictions.ts';

const native = tf.getBackend() === 'tensorflow';
const folder = mkdtempSync(join(tmpdir(), 'ltml-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

const record = (predict: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>) =>
  recordPrediction({ images: imageShape }, predict);

describe.runIf(native)('a function recorded once', () => {
  test.each(Object.keys(predictions))('gives its scores in every format, whatever the batch: %s', async (name) => {
    const predict = predictions[name]();
    const before = tf.memory().numTensors;
    const graph = record(predict);
    expect(tf.memory().numTensors).toBe(before);
    const [saved, graphModel] = [join(folder, name, 'saved'), join(folder, name, 'tfjs')];
    writeSavedModel(saved, graph, { 'classes.json': '[]' });
    writeGraphModel(graphModel, graph);
    const session = await InferenceSession.create(onnxModel(graph));
    for (const batch of [1, 4]) {
      const images = randomImages(batch);
      const { scores } = tf.tidy(() => predict({ images }));
      const expected = scores.dataSync();
      const inOnnx = await session.run({ images: new Tensor('float32', images.dataSync<'float32'>(), images.shape) });
      expect(inOnnx.scores.dims).toEqual(scores.shape);
      const fromSaved = runSavedModel(saved, graph, { images }).scores;
      const fromGraphModel = (await runGraphModel(graphModel, { images })).scores;
      expectClose(inOnnx.scores.data as Float32Array, expected, { absolute: 1e-5 });
      expectClose(fromSaved.dataSync(), expected, { absolute: 1e-5 });
      expectClose(fromGraphModel.dataSync(), expected, { absolute: 1e-5 });
      tf.dispose([images, scores, fromSaved, fromGraphModel]);
    }
    await session.release();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('has none of our own ops, and leaves them to the engine', () => {
    const kernels = () =>
      tf
        .getKernelsForBackend('tensorflow')
        .map(({ kernelName }) => kernelName)
        .sort();
    const before = kernels();
    const ops = record(predictions.transformer()).nodes.map(({ op }) => op);
    expect(ops).toContain('Softmax');
    expect(ops.filter((op) => /Ltml|Erfc/.test(op))).toEqual([]);
    expect(kernels()).toEqual(before);
  });

  test.each([
    ['a read', ({ images }: Record<string, tf.Tensor>) => tf.scalar(tf.sum(images).dataSync()[0]), /read of a tensor/],
    [
      'a total',
      ({ images }: Record<string, tf.Tensor>) => tf.sum(images),
      /output "scores" of shape \[\] for a batch of 2/,
    ],
    [
      'a number',
      ({ images }: Record<string, tf.Tensor>) => tf.mul(images, 1 / images.shape[0]),
      /a constant of shape \[\].* depends on the batch size .*formats\.test/,
    ],
  ] as const)('is refused by one sentence where it needs %s of the batch', (_, scores, message) => {
    expect(() => record((inputs) => ({ scores: scores(inputs) }))).toThrow(message);
  });

  test('is refused for ONNX by the name of the op that has no translation', () => {
    const graph = record(({ images }) => ({ scores: tf.atan(images) }));
    expect(() => onnxModel(graph)).toThrow(/a graph of ops that can be translated to ONNX, got Atan/);
  });
});

test.runIf(!native)('recording on another engine says which one it needs', () => {
  expect(() => record(({ images }) => ({ scores: images }))).toThrow(NotSupportedError);
});

describe('writeChecked', () => {
  const target = join(folder, 'model.onnx');
  const write = (path: string): void => writeFileSync(path, 'model');

  test('leaves nothing where the check fails, and keeps what passed', async () => {
    const before = readdirSync(folder);
    const fails = writeChecked(target, write, async (path) => {
      expect(readFileSync(path, 'utf8')).toBe('model');
      expect(existsSync(target)).toBe(false);
      throw new Error('other scores');
    });
    await expect(fails).rejects.toThrow('other scores');
    expect(readdirSync(folder)).toEqual(before);
    await writeChecked(target, write, async () => {});
    expect(readdirSync(folder).sort()).toEqual([...before, 'model.onnx'].sort());
  });

  test('writes nothing over what is there', async () => {
    await expect(writeChecked(target, write, async () => {})).rejects.toThrow(/which exists/);
  });
});
