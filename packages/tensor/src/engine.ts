/** The interface for engines: what they need to compile steps and to offer kernels. `@ltml/engines` uses it. */
export {
  type CompilableStep,
  type CompiledStep,
  type CompileOptions,
  type Compiler,
  compilerKey,
} from './compile.ts';
export { type TensorCopier, tensorCopierKey } from './copied-tensor.ts';
export { hostPassesKey } from './host-passes.ts';
export { type Convolution, convolve, filterGradient, inputGradient } from './ops/convolve.ts';
export { inverseRootTwoPi, normalDensities, normalDistribution } from './ops/normal-distribution.ts';
export { runKernelOr } from './ops/run-kernel.ts';
export {
  type AdamNumbers,
  type SgdNumbers,
  type UpdateRow,
  type VariableUpdater,
  variableUpdaterKey,
} from './optim/variable-updater.ts';
export { type HostComputation, type InPlaceUpdate, type StepRecorder, stepRecorderKey } from './step-recorder.ts';
