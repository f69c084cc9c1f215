import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import util from 'node:util';
import { engineError } from '../../engines.ts';
import { threadCount } from '../thread-count.ts';
import { cardMemoryShare } from './card-memory.ts';
import { loadQuietly } from './mute.ts';
import { limitOneDnn } from './processor.ts';
import { napiVersion } from './store.ts';
import { processConfig } from './tensorflow-config.ts';

/** An installed tfjs-node package: the engine's JavaScript, and the sources of its addon. */
export interface TfjsNode {
  readonly folder: string;
  readonly main: string;
  readonly version: string;
  /** The addon that its own install script downloaded, if it did. */
  readonly officialAddon: string | undefined;
}

/** A dependency of tfjs-node, so it is resolved from there. */
const addonFinder = '@mapbox/node-pre-gyp/lib/pre-binding.js';

const ours = createRequire(import.meta.url);
const theirs = createRequire(join(process.cwd(), 'package.json'));

/**
 * Finds the installed tfjs-node package. `@tensorflow/tfjs-node-gpu` has the same sources and JavaScript, so either
 * package serves for both devices.
 *
 * @throws NotSupportedError if there is none, or if it uses another copy of TensorFlow.js than LTML
 */
export function findTfjsNode(device: 'cpu' | 'cuda'): TfjsNode {
  const names = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
  if (device === 'cuda') names.reverse();
  const main = names.map((name) => resolveFrom(name)).find((path) => path !== undefined);
  const engine = device === 'cuda' ? 'tensorflow-gpu' : 'tensorflow';
  if (!main) {
    const remedy = 'Run: npm install --ignore-scripts @tensorflow/tfjs-node, then: ltml native install';
    throw engineError(engine, 'no package @tensorflow/tfjs-node', remedy);
  }
  const core = createRequire(createRequire(main).resolve('@tensorflow/tfjs')).resolve('@tensorflow/tfjs-core');
  if (core !== ours.resolve('@tensorflow/tfjs-core')) {
    const remedy =
      'Install the version of tfjs-node that equals that of @tensorflow/tfjs-core (npm ls @tensorflow/tfjs-core)';
    throw engineError(engine, `a tfjs-node with its own copy of tfjs-core (${dirname(core)})`, remedy);
  }
  const folder = dirname(dirname(main));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const official = join(folder, 'lib', `napi-v${napiVersion}`, 'tfjs_binding.node');
  return { folder, main, version, officialAddon: existsSync(official) ? official : undefined };
}

/** Loads tfjs-node with an addon. It registers its backend `tensorflow` and activates it. */
export function loadTfjsNode(tfjsNode: TfjsNode, addon: string): void {
  // tfjs-node calls this function. Node 22 warns about it, and Node 23 has removed it.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Allocates a card's memory when needed, instead of all of it at the start.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  const share = cardMemoryShare();
  // LTML's addon passes it to TensorFlow, see native/addon/configure-context.h.
  if (share !== undefined) process.env.LTML_TF_CONFIG = Buffer.from(processConfig(share)).toString('hex');
  limitOneDnn();
  if (process.env.LTML_THREADS) {
    const threads = String(threadCount());
    process.env.TF_NUM_INTRAOP_THREADS ??= threads;
    process.env.TF_NUM_INTEROP_THREADS ??= threads;
  }
  const require = createRequire(tfjsNode.main);
  // tfjs-node asks node-pre-gyp for the path of its addon, which only knows tfjs-node's own folder.
  const finder = require(addonFinder) as {
    find(json: string, ...rest: unknown[]): string;
  };
  const find = finder.find;
  finder.find = (json, ...rest) => (dirname(resolve(json)) === tfjsNode.folder ? addon : find(json, ...rest));
  try {
    loadQuietly(addon, () => require(tfjsNode.main));
  } finally {
    finder.find = find;
  }
}

function resolveFrom(name: string): string | undefined {
  for (const require of [ours, theirs]) {
    try {
      return require.resolve(name);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
