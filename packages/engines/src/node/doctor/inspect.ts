import { type BackendName, backendNames, rejection } from '../../engines.ts';
import { type Candidate, listCandidates } from '../candidates.ts';
import { inChild } from '../in-child.ts';
import type { Verdict } from '../start.ts';
import { checkVariables } from '../variables.ts';
import { proveCandidate } from '../verdicts.ts';
import { measureAndKeep, recallTraining, type TrainingRecord } from './kept-speed.ts';
import { inspectMachine, type Machine } from './machine.ts';
import type { Speed } from './speed.ts';

/** Whether an engine works, and how fast it is. */
export interface EngineReport {
  readonly name: BackendName;
  readonly verdict: Verdict;
  /** Of an engine that works, if asked for. */
  readonly speed?: Speed;
}

/** The engines of a machine: which work, how fast they are, and which one is used. */
export interface DoctorReport {
  readonly machine: Machine;
  readonly engines: readonly EngineReport[];
  /** What `auto` takes. */
  readonly chosen: BackendName | undefined;
  /** How fast that one trains; undefined where it was not measured, now or before. */
  readonly training: TrainingRecord | undefined;
}

export interface DoctorOptions {
  /** Measure every engine that works, about five seconds each, and training on the best; default true. */
  readonly speed?: boolean;
  /** Told when an engine's turn comes to be measured. */
  readonly onEngine?: (name: BackendName) => void;
}

/**
 * Tests every engine afresh, each in a process of its own, and tells what this machine has.
 *
 * @throws OptionError for a variable of ours, as LTML_CPU, that says nothing this machine can do: no engine would start
 */
export async function examine(options: DoctorOptions = {}): Promise<DoctorReport> {
  const { speed = true, onEngine = () => {} } = options;
  checkVariables();
  // The tests wait for processes to start, so all of them at once; measurements one by one, since they disturb each other.
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

/** Tests one engine afresh, as if it were asked for by name: for WebGPU a driver without graphics card will do. */
export async function examineEngine(name: BackendName): Promise<{ verdict: Verdict; candidate?: Candidate }> {
  try {
    let verdict: Verdict = { works: false, reason: 'no way to have it', remedy: '' };
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
    // `auto` wants a real graphics card.
    if (name !== 'webgpu' || (await proveCandidate({ name, allowSoftware: false })).works) return name;
  }
  return undefined;
}
