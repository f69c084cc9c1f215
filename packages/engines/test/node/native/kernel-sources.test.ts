import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelSources } from '../../../src/node/native/kernels.ts';

const compiler = process.env.CXX ?? 'g++';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;
const sources = kernelSources().filter((file) => file.endsWith('.cc'));

// An engine whose kernels do not compile is installed nowhere, and the suite then goes on without it.
describe.skipIf(!hasCompiler)('the sources of the kernels', { timeout: 120_000 }, () => {
  test.each(sources.map((file) => [basename(file), file]))('%s compiles', (_, file) => {
    const { status, stderr } = spawnSync(compiler, ['-std=c++17', '-fsyntax-only', '-w', file], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

const crossCompiler = 'aarch64-linux-gnu-g++';

test.skipIf(spawnSync(crossCompiler, ['--version']).status !== 0)(
  'the sources of the kernels compile for arm64',
  { timeout: 120_000 },
  () => {
    const args = ['-std=c++17', '-fsyntax-only', '-w', ...sources];
    expect(spawnSync(crossCompiler, args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  },
);
