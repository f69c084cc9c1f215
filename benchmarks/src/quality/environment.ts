import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import type { RunEnvironment } from './record.ts';

/** Packages of ours whose version decides the numbers. */
const packages = ['tensor', 'backbone', 'losses', 'metrics', 'data', 'train'];

/** Describes this machine and this tree. */
export function describeEnvironment(): RunEnvironment {
  return {
    engine: tf.getBackend(),
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    versions: { ...ownVersions(), '@tensorflow/tfjs-core': tf.version_core },
    commit: currentCommit(),
  };
}

function ownVersions(): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const name of packages) {
    try {
      const manifest = fileURLToPath(import.meta.resolve(`@ltml/${name}/package.json`));
      versions[`@ltml/${name}`] = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
    } catch {
      // A package that cannot be found says nothing of the numbers.
    }
  }
  return versions;
}

function currentCommit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '');
  } catch {
    return null;
  }
}
