import type { Gradients } from '../gradients.ts';
import type { Parameter } from '../module.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Rates } from './schedules.ts';

/** Parameters that share their rates. */
export interface ParameterGroup {
  /** By state name, as `module.trainableParameters()` gives them; the names key the saved state. */
  readonly parameters: Iterable<readonly [name: string, parameter: Parameter]>;
  readonly learningRate: number;
  readonly weightDecay?: number;
}

/** Updates parameters from gradients with PyTorch's semantics. Owns its slots. */
export interface Optimizer {
  /** One update. A parameter without a gradient is left alone, as in PyTorch. The gradients stay the caller's. */
  step(gradients: Gradients, rates?: Rates): void;
  /** All slots and counters on the host, by `<parameter name>.<slot>`. */
  exportState(): Promise<Map<string, HostTensor>>;
  /** Goes on from an exported state. */
  importState(state: ReadonlyMap<string, HostTensor>): void;
  dispose(): void;
}
