import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { processors, processorToUse } from '../../src/node/native/processor.ts';

afterEach(() => vi.unstubAllEnvs());

const fastest = processors.indexOf(processorToUse());
const hasKernels = tf.getBackend() === 'tensorflow' && Boolean(tf.getKernel('ltml/LayerNorm', 'tensorflow'));

// One machine tests the kernels of slower processors, too.
describe.runIf(hasKernels)('the native kernels', { timeout: 120_000 }, () => {
  test.each(processors.slice(fastest))('for %s give what composed ops give', (processor) => {
    const script = fileURLToPath(new URL('processors-process.ts', import.meta.url));
    const env = { ...process.env, LTML_CPU: processor };
    const child = spawnSync(process.execPath, ['--import', 'tsx', script], { env, encoding: 'utf8' });
    expect(child.status, child.stderr).toBe(0);
    const { same, ...result } = JSON.parse(child.stdout);
    expect(result).toEqual({ processor, attention: processor !== 'portable', differences: [] });
    expect(same).toBeGreaterThan(40);
  });
});

test('LTML_CPU names a kind that this processor is', () => {
  vi.stubEnv('LTML_CPU', 'portable');
  expect(processorToUse()).toBe('portable');
  vi.stubEnv('LTML_CPU', 'abacus');
  expect(() => processorToUse()).toThrow(/LTML_CPU should be one of .*portable on this processor, got "abacus"/);
});

test.runIf(existsSync('/proc/cpuinfo') && process.arch === 'x64')(
  'the kind is told by what the processor can do',
  () => {
    expect(processors).toContain(processorToUse());
  },
);
