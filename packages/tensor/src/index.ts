export {
  checkOptionNames,
  DataError,
  type ErrorDetails,
  LtmlError,
  NotSupportedError,
  OptionError,
  ShapeError,
} from './errors.ts';
export { type Differentiated, differentiate, disposeGradients, type Gradients, type StepResult } from './gradients.ts';
export { type Layout, Module, ModuleBuffer, Parameter, type ParameterOptions } from './module.ts';
export { MersenneTwister } from './mt19937.ts';
export { type RandomState, RandomStream, RandomStreams } from './random.ts';
export type { HostTensor } from './safetensors.ts';
export { type AxisSizes, checkShapes, type Shaped } from './shapes.ts';
