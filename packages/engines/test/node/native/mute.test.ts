import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { loadQuietly } from '../../../src/node/native/mute.ts';

test('where the addon has no companion, the load runs all the same', () => {
  let runs = 0;
  loadQuietly('/nowhere/tfjs_binding.node', () => runs++);
  expect(runs).toBe(1);
});

if (tf.getBackend() === 'tensorflow') {
  test('the engine loads without a word, and what is said after is heard', () => {
    const code = `
    import { useBackend } from '@ltml/engines';
    await useBackend('tensorflow');
    console.error('after');
    process.exit(0);`;
    const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
    expect(spawnSync(process.execPath, args, { env, cwd, encoding: 'utf8' }).stderr).toBe('after\n');
  });
}
