import { type BackendName, engineError } from '../engines.ts';
import { addonPath, readNativeStore } from './native/store.ts';
import { findTfjsNode } from './native/tfjs-node.ts';

/** One way to start an engine on this machine. */
export interface Candidate {
  readonly name: BackendName;
  /** For native engines: absolute path of a build of tfjs-node's addon. There may be several. */
  readonly addon?: string;
  /** For WebGPU: also accept a driver without a graphics card. */
  readonly allowSoftware?: boolean;
}

/**
 * The ways to start an engine on this machine, the best first.
 *
 * @param automatic whether the engine is tried by `auto`
 * @throws NotSupportedError if there is none
 */
export async function listCandidates(name: BackendName, automatic: boolean): Promise<Candidate[]> {
  if (name === 'webgpu') return [{ name, allowSoftware: !automatic }];
  if (name === 'wasm' || name === 'cpu') return [{ name }];
  const device = name === 'tensorflow-gpu' ? 'cuda' : 'cpu';
  const tfjsNode = findTfjsNode(device);
  const fits = tfjsNode.main.includes('tfjs-node-gpu') === (device === 'cuda');
  const official = fits && tfjsNode.officialAddon ? [tfjsNode.officialAddon] : [];
  const { engines, broken } = await readNativeStore();
  const built = engines.filter((engine) => engine.device === device && engine.tfjsNode === tfjsNode.version);
  const candidates = [...official, ...built.map(addonPath)].map((addon) => ({ name, addon }));
  if (candidates.length > 0) return candidates;
  const remedy = `Run: ltml native install${device === 'cuda' ? ' --gpu' : ''}`;
  const damaged = [...broken].find(([record]) => record.endsWith(`-${device}.json`));
  const reason = damaged
    ? `a broken record of the engine in the cache, ${damaged.join(': ')}`
    : `no libtensorflow (built for tfjs-node ${tfjsNode.version}) in the cache`;
  throw engineError(name, reason, remedy);
}
