import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';

/** On what a run was computed. */
export interface Environment {
  readonly started: string;
  /** The engine, e.g. `wasm`. */
  readonly backend: string;
  /** Package versions by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly node: string;
  readonly system: string;
  readonly host: string;
  readonly cpu: string;
  /** Processors the process may use. */
  readonly threads: number;
  /** Of the machine, in bytes. */
  readonly memory: number;
}

/** Describes this process and machine, to be stored with a run. */
export function describeEnvironment(): Environment {
  const own = JSON.parse(readFileSync(packageFile(), 'utf8')) as { name: string; version: string };
  return {
    started: new Date().toISOString(),
    backend: tf.getBackend(),
    versions: { [own.name]: own.version, '@tensorflow/tfjs-core': tf.version_core },
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    host: hostname(),
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    memory: totalmem(),
  };
}

/** The manifest lies two folders up, from `src/node` as from `dist/node`. */
function packageFile(): URL {
  return new URL('../../package.json', import.meta.url);
}
