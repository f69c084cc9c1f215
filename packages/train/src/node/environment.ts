import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import { canCompile, checkFlag } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** On what a run was computed. */
export interface Environment {
  readonly started: string;
  /** The engine, e.g. `wasm`. */
  readonly backend: string;
  /** Whether steps ran as graphs of the engine. */
  readonly compiled: boolean;
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

/** The packages whose versions decide what a run computes. */
const packages = ['@ltml/train', '@ltml/tensor', '@ltml/data', '@ltml/metrics', '@tensorflow/tfjs-core'];

/**
 * Describes this process and machine, to be stored with a run.
 *
 * @param eager whether the run does without compiled steps
 * @param others versions of what else decides what a run computes, by name
 */
export function describeEnvironment(
  eager: boolean = false,
  others: Readonly<Record<string, string>> = {},
): Environment {
  checkFlag('describeEnvironment', 'eager', eager);
  const require = createRequire(import.meta.url);
  const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  return {
    started: new Date().toISOString(),
    backend: tf.getBackend(),
    compiled: canCompile() && !eager,
    versions: { ...Object.fromEntries(packages.map((name) => [name, version(name)])), ...others },
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    host: hostname(),
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    memory: totalmem(),
  };
}
