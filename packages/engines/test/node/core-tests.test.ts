import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { compareCoreTests } from '../../scripts/core-tests/compare.ts';

const engine = tf.getBackend();

// All of them, and on the native engine, for minutes: scripts/core-tests/run.ts.
test.runIf(engine === 'wasm')(
  "the part of TensorFlow.js core's own tests that our kernels are in passes as without them",
  { timeout: 300_000 },
  async () => {
    const ours = '^(conv2d|maxPool|matmul|gather|slice|split|reverse|sum) ';
    const { with: after, broken } = await compareCoreTests(engine, ours);
    expect(broken).toEqual([]);
    expect(after.passed).toBeGreaterThan(100);
  },
);
