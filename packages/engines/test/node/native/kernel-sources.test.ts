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
