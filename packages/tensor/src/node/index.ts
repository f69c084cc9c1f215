export { writeFileAtomically } from './atomic-file.ts';
export { type BackendChoice, type BackendName, type Rejection, useBackend } from './backend.ts';
export { cacheFolder } from './cache-folder.ts';
export { exportSavedModel } from './compile/saved-model.ts';
export {
  defaultTensorFlow,
  type Installation,
  type InstallOptions,
  type InstallStep,
  installNative,
} from './native/install.ts';
export { listNativeEngines, type NativeEngine, removeNativeEngine } from './native/store.ts';
export { SafetensorsFile, writeSafetensorsFile } from './safetensors-file.ts';
export { type Candidate, tryCandidate, type Verdict } from './start.ts';
