import {
  type BackendChoice,
  type BackendName,
  backendNames,
  chooseEngine,
  type EngineLoader,
  engineError,
} from '../engines.ts';
import { type Candidate, listCandidates } from './candidates.ts';
import { startCandidate, type Verdict } from './start.ts';
import { checkVariables } from './variables.ts';
import { proveCandidate, recallVerdict } from './verdicts.ts';

export type { BackendChoice, BackendName, Rejection } from '../engines.ts';
export { registerKernels } from '../kernels/register.ts';

/**
 * Activates an engine. `auto` takes the first that works of `tensorflow-gpu`, `tensorflow`, `webgpu` (with a real
 * graphics card), `wasm` and `cpu`.
 *
 * An engine of native code is first tested in another process, with a small convolution and its gradients. The verdict
 * is stored in the cache folder, for this machine and these versions. `auto` trusts a stored verdict; an engine asked
 * for by name is tested again if it failed before.
 *
 * @param name default: `$LTML_BACKEND`, else `auto`. The variable is also used if `name` is `auto`
 * @returns the engine, and why those before it were rejected
 * @throws OptionError for an unknown name, or an invalid value of LTML_CPU, LTML_THREADS or LTML_GPU_MEMORY
 * @throws NotSupportedError with reason and remedy if the engine does not work here
 */
export async function useBackend(name: BackendName | 'auto' = 'auto'): Promise<BackendChoice> {
  checkVariables();
  const requested = name === 'auto' ? process.env.LTML_BACKEND || 'auto' : name;
  const loaders = backendNames.map((engine): [BackendName, EngineLoader] => [
    engine,
    (automatic) => startEngine(engine, automatic),
  ]);
  return await chooseEngine(requested, Object.fromEntries(loaders));
}

async function startEngine(name: BackendName, automatic: boolean): Promise<void> {
  let failure: Error | undefined;
  for (const candidate of await listCandidates(name, automatic)) {
    // WebAssembly and JavaScript can't crash the process, so they are tested in it.
    const verdict = isNative(name) ? await judge(candidate, automatic) : { works: true as const };
    if (verdict.works) {
      await startCandidate(candidate);
      return;
    }
    failure = engineError(name, verdict.reason, verdict.remedy);
  }
  throw failure;
}

function isNative(name: BackendName): boolean {
  return name !== 'wasm' && name !== 'cpu';
}

async function judge(candidate: Candidate, automatic: boolean): Promise<Verdict> {
  const kept = await recallVerdict(candidate);
  return kept && (kept.works || automatic) ? kept : await proveCandidate(candidate);
}
