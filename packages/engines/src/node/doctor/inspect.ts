import { type BackendName, backendNames, rejection } from '../../engines.ts';
import { type Candidate, listCandidates } from '../candidates.ts';
import { inChild } from '../in-child.ts';
import type { Verdict } from '../start.ts';
import { checkVariables } from '../variables.ts';
import { proveCandidate } from '../verdicts.ts';
import { measureAndKeep, recallTraining, type TrainingRecord } from './kept-speed.ts';
import { inspectMachine, type Machine } from './machine.ts';
import type { Speed } from './speed.ts';

/** Verdict and speed of an engine. */
export interface EngineReport {
  readonly name: BackendName;
  readonly verdict: Verdict;
  /** Only of an engine that works, if it was measured. */
  readonly speed?: Speed;
}

/** The engines of a machine: which work, how fast they are, and which one is used. */
export interface DoctorReport {
  readonly machine: Machine;
  /** All engines, in the order in which `auto` tries them. */
  readonly engines: readonly EngineReport[];
  /** The engine that `auto` takes; undefined if none works. */
  readonly chosen: BackendName | undefined;
  /** Training speed of that engine; undefined if it was never measured. */
  readonly training: TrainingRecord | undefined;
}

/** Options of {@link examine}. */
export interface DoctorOptions {
  /** Measure each engine that works (about five seconds each), and training on the best one; default true. */
  readonly speed?: boolean;
  /** Called before an engine is measured. */
  readonly onEngine?: (name: BackendName) => void;
}

/**
 * Tests all engines, each in a process of its own, and describes the machine.
 *
 * @throws OptionError for an invalid value of LTML_CPU, LTML_THREADS or LTML_GPU_MEMORY, with which no engine would
 * start
 */
export async function examine(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { speed = true, onEngine = () => {} } = options;
  checkVariables();
  // Tests mostly wait for processes to start, so they run in parallel. Measurements would disturb each other, so they
  // run one by one.
  const examined = await Promise.all(backendNames.map(async (name) => ({ name, ...(await examineEngine(name)) })));
  const engines: EngineReport[] = [];
  for (const { name, verdict, candidate } of examined) {
    if (speed) onEngine(name);
    const measured = speed && candidate ? await inChild<Speed>('measureCandidate', candidate) : undefined;
    engines.push({ name, verdict, ...(measured && 'value' in measured ? { speed: measured.value } : {}) });
  }
  const chosen = await chosenByAuto(engines);
  const candidate = examined.find(({ name }) => name === chosen)?.candidate;
  if (speed && candidate) onEngine(candidate.name);
  const training = candidate && (speed ? await measureAndKeep(candidate) : await recallTraining(candidate));
  return { machine: await inspectMachine(), engines, chosen, training };
}

/** Tests one engine as if it was asked for by name: for WebGPU, a driver without a graphics card is enough. */
export async function examineEngine(name: BackendName): Promise<{ verdict: Verdict; candidate?: Candidate }> {
  try {
    let verdict: Verdict = { works: false, reason: 'there is no way to start it', remedy: '' };
    for (const candidate of await listCandidates(name, false)) {
      verdict = await proveCandidate(candidate);
      if (verdict.works) return { verdict, candidate };
    }
    return { verdict };
  } catch (error) {
    const { reason, remedy } = rejection(name, error);
    return { verdict: { works: false, reason, remedy } };
  }
}

async function chosenByAuto(engines: readonly EngineReport[]): Promise<BackendName | undefined> {
  for (const { name, verdict } of engines) {
    if (!verdict.works) continue;
    // `auto` needs a real graphics card.
    if (name !== 'webgpu' || (await proveCandidate({ name, allowSoftware: false })).works) return name;
  }
  return undefined;
}
