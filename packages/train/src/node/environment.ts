import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import { canCompile, checkFlag } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** The software and machine that computed a run. */
export interface Environment {
  /** Time of the start, ISO 8601. */
  readonly started: string;
  /** The engine, e.g. `wasm`. */
  readonly backend: string;
  /** Whether steps were compiled. */
  readonly compiled: boolean;
  /** Package versions by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Version of Node. */
  readonly node: string;
  /** Operating system, its release, and processor architecture. */
  readonly system: string;
  /** Name of the machine. */
  readonly host: string;
  /** Model of the processor. */
  readonly cpu: string;
  /** Number of processors that the process may use. */
  readonly threads: number;
  /** Memory of the machine, in bytes. */
  readonly memory: number;
}

/** Packages whose versions can change the results of a run. */
const packages = ['@ltml/train', '@ltml/tensor', '@ltml/data', '@ltml/metrics', '@tensorflow/tfjs-core'];

/**
 * Describes this process and machine, to store it with a run.
 *
 * @param eager whether the run does not compile steps
 * @param others versions of other software that can change the results, by name
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
