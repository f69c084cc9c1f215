import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('signals-process.ts', import.meta.url));

// A signal in the middle of a product of matrices would put its frame on the heap, see native/addon/hold-signals.h.
test.runIf(tf.getBackend() === 'tensorflow')('signals do no harm while the engine computes', () => {
  const args = ['--import', import.meta.resolve('tsx'), script];
  const { status, signal, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: 'computed through signals\n' });
});
