export {
  checkChoice,
  checkCount,
  checkFlag,
  checkNumber,
  checkOptionNames,
  type NumberRange,
} from './check-options.ts';
export { checkRange } from './check-range.ts';
export {
  type CompilableStep,
  type CompiledStep,
  type CompileOptions,
  canCompile,
  compile,
  type MixedType,
  mixedType,
  type Precision,
} from './compile.ts';
export { copiedTensor, copyableValues } from './copied-tensor.ts';
export {
  DataError,
  type ErrorDetails,
  LtmlError,
  NotSupportedError,
  OptionError,
  ShapeError,
} from './errors.ts';
export { type Freezing, freezeNetwork, isPattern } from './freezing.ts';
export {
  type Differentiated,
  type DifferentiateOptions,
  differentiate,
  disposeGradients,
  type Gradients,
  type StepResult,
} from './gradients.ts';
export { fromHost } from './host-input.ts';
export { type HostPasses, hostPasses } from './host-passes.ts';
export type { ImportReport } from './host-tensors.ts';
export { updateInPlace } from './in-place.ts';
export { constant, type Fan, type Initializer, kaimingNormal, kaimingUniform, normal } from './init.ts';
export { type JsonBounds, parseJson } from './json.ts';
export {
  checkFiniteTensor,
  checkLabelTensor,
  checkSoftLabelTensor,
  checkWholeTensor,
  isReadable,
} from './labels/label-tensors.ts';
export { BatchNorm, type BatchNormLayerOptions, isBatchNorm } from './layers/batch-norm.ts';
export { convBatchNorm } from './layers/conv-batch-norm.ts';
export { Conv2d, type Conv2dLayerOptions } from './layers/conv2d.ts';
export { Dropout, type DropoutOptions } from './layers/dropout.ts';
export { LayerNorm, type LayerNormLayerOptions } from './layers/layer-norm.ts';
export { Linear, type LinearOptions } from './layers/linear.ts';
export {
  type AcrossRanks,
  isModule,
  isModuleBuffer,
  isParameter,
  type Layout,
  Module,
  ModuleBuffer,
  Parameter,
  type ParameterOptions,
} from './module.ts';
export { MersenneTwister } from './mt19937.ts';
export { nearestName } from './nearest-name.ts';
export { type AttentionOptions, attention } from './ops/attention.ts';
export {
  type BatchNormOptions,
  type BatchNormTraining,
  batchNormInference,
  batchNormTraining,
} from './ops/batch-norm.ts';
export { type Conv2dOptions, conv2d } from './ops/conv2d.ts';
export { dropout } from './ops/dropout.ts';
export { gelu, geluTanh, quickGelu } from './ops/gelu.ts';
export { type L2NormalizeOptions, l2Normalize } from './ops/l2-normalize.ts';
export { type LayerNormOptions, layerNorm } from './ops/layer-norm.ts';
export { linear } from './ops/linear.ts';
export { type AvgPool2dOptions, avgPool2d, globalAveragePool, maxPool2d, type Pool2dOptions } from './ops/pool2d.ts';
export { type RoiAlignOptions, roiAlign, roiAlignMean } from './ops/roi-align.ts';
export { selfAttention } from './ops/self-attention.ts';
export { logSoftmax, softmax } from './ops/softmax.ts';
export { softmaxCrossEntropy } from './ops/softmax-cross-entropy.ts';
export { type TopK, topK } from './ops/top-k.ts';
export type { Pair } from './ops/window.ts';
export { withoutGradient } from './ops/without-gradient.ts';
export { zerosBehind } from './ops/zeros-behind.ts';
export { Adam, type AdamOptions, AdamW } from './optim/adam.ts';
export { type ClippedGradients, clipGradients } from './optim/clip-gradients.ts';
export { Ema, type EmaOptions, momentumUpdate } from './optim/ema.ts';
export type { Optimizer, ParameterGroup } from './optim/optimizer.ts';
export {
  byEpoch,
  type ConstantWarmupOptions,
  type CosineDecayOptions,
  constantRate,
  constantWarmup,
  cosineDecay,
  type LinearWarmupOptions,
  linearWarmup,
  type MultiStepDecayOptions,
  multiStepDecay,
  type OneCycleOptions,
  oneCycle,
  type Rates,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from './optim/schedules.ts';
export { Sgd, type SgdOptions } from './optim/sgd.ts';
export { type RandomState, RandomStream, RandomStreams } from './random.ts';
export { inTemplate, readTexts, type TextReader } from './read-texts.ts';
export { recompute } from './recompute.ts';
export {
  type HostTensor,
  readSafetensors,
  type Safetensors,
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './safetensors.ts';
export { type AxisSizes, checkShapes, type Shaped } from './shapes.ts';
export { exportState, type ImportStateOptions, importState } from './state.ts';
export { type HostComputation, type InPlaceUpdate, isRecordingStep } from './step-recorder.ts';
export { throughHost } from './through-host.ts';
