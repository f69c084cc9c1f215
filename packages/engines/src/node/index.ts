export type { Candidate } from './candidates.ts';
export { type DoctorOptions, type DoctorReport, type EngineReport, examine, examineEngine } from './doctor/inspect.ts';
export { measureCandidateTraining, type TrainingRecord } from './doctor/kept-speed.ts';
export { inspectMachine, type Machine } from './doctor/machine.ts';
export { measureCandidate, measureSpeed, type Speed } from './doctor/speed.ts';
export type { TrainingSpeed } from './doctor/training-speed.ts';
export {
  type Installation,
  type InstallOptions,
  type InstallStep,
  installNative,
} from './native/install.ts';
export {
  listNativeEngines,
  type NativeEngine,
  type NativeStore,
  readNativeStore,
  removeNativeEngine,
} from './native/store.ts';
export { verifyNativeEngine } from './native/verify.ts';
export { tryCandidate, type Verdict } from './start.ts';
