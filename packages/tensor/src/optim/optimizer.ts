import type { Gradients } from '../gradients.ts';
import type { Parameter } from '../module.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Rates } from './schedules.ts';

/** Parameters that share their rates. */
export interface ParameterGroup {
  /** By state name, as `module.trainableParameters()` gives them; the names key the saved state. */
  readonly parameters: Iterable<readonly [name: string, parameter: Parameter]>;
  readonly learningRate: number;
  /** Default 0. (PyTorch's AdamW has 0.01.) */
  readonly weightDecay?: number;
}

/** Updates parameters from gradients with PyTorch's semantics. Owns its slots. */
export interface Optimizer {
  /**
   * One update. A parameter without a gradient is left alone, as in PyTorch. The gradients stay the caller's.
   *
   * @param rates a function is asked anew at every run of a compiled step; values would be recorded as they were
   */
  step(gradients: Gradients, rates?: Rates | (() => Rates)): void;
  /** All slots and counters on the host, by `<parameter name>.<slot>`, in PyTorch's names and axis order. */
  exportState(): Promise<Map<string, HostTensor>>;
  /**
   * Goes on from an exported state, bit for bit. A parameter that it does not name starts afresh.
   *
   * @throws DataError that lists every entry that is missing, unexpected or of another shape; nothing is changed then
   */
  importState(state: ReadonlyMap<string, HostTensor>): void;
  dispose(): void;
}
