import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GraphBuilder } from '../../src/node/compile/graph.ts';
import { writeGraph } from '../../src/node/compile/graph-file.ts';
import type { NativeBackend } from '../../src/node/compile/native-backend.ts';
import { type Recording, record } from '../../src/node/compile/record.ts';

const backend = tf.backend() as unknown as NativeBackend;

function recorded(step: (x: tf.Tensor) => tf.Tensor, shape: number[]): Recording {
  const refuse = (error: Error): never => {
    throw error;
  };
  const x = tf.ones(shape);
  const { recording, outputs } = record(backend, [x], () => ({ y: step(x) }), {
    name: 'test',
    refuse,
    keepValues: false,
  });
  tf.dispose([x, outputs]);
  return recording;
}

describe.runIf(tf.getBackend() === 'tensorflow')('the threads of a step', () => {
  test.each([
    ['small kernels', [64, 100], (x: tf.Tensor) => tf.sum(tf.square(x)), false],
    ['a large kernel', [1024, 512], (x: tf.Tensor) => tf.sum(tf.square(x)), true],
    [
      'a convolution',
      [1, 4, 4, 1],
      (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 1, 1]), 1, 'same'),
      true,
    ],
  ] as const)('%s: long enough to run side by side?', (_, shape, step, isLong) => {
    expect(recorded(step, [...shape]).isLong).toBe(isLong);
  });

  // The settings of a session can be seen only where TensorFlow refuses them.
  test('a model that brings settings is loaded with them', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ltml-settings-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const graph = new GraphBuilder(backend.binding);
    graph.constant(backend.binding.TF_INT32, [], new Uint8Array(4));
    writeGraph(directory, graph.nodes);
    backend.binding.deleteSavedModel(backend.binding.loadSavedModel(directory, 'serve'));
    writeFileSync(join(directory, 'session_config.pb'), 'no protocol buffer');
    expect(() => backend.binding.loadSavedModel(directory, 'serve')).toThrow(/Unparseable ConfigProto/);
  });
});
