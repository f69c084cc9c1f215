import type { Gradients } from '../gradients.ts';
import type { Parameter } from '../module.ts';
import type { HostTensor } from '../safetensors.ts';
import type { Rates } from './schedules.ts';

/** Parameters that share a learning rate and a weight decay. */
export interface ParameterGroup {
  /** Parameters by state name, as `module.trainableParameters()` yields them. The saved state uses these names. */
  readonly parameters: Iterable<readonly [name: string, parameter: Parameter]>;
  /** η ≥ 0 of the group; a schedule multiplies it. */
  readonly learningRate: number;
  /** λ ≥ 0; default 0. (PyTorch's AdamW: 0.01.) */
  readonly weightDecay?: number;
}

/** Updates parameters from gradients, with PyTorch's semantics. It owns its slots (momentum and similar tensors). */
export interface Optimizer {
  /**
   * Makes one update. A parameter without a gradient is left unchanged, as in PyTorch. The caller still owns the
   * gradients.
   *
   * @param rates in a compiled step, pass a function: it is called at every run. A plain value would be recorded and
   *   never change
   */
  step(gradients: Gradients, rates?: Rates | (() => Rates)): void;
  /** All slots and counters on the host, named `<parameter name>.<slot>`, in PyTorch's names and axis order. */
  exportState(): Promise<Map<string, HostTensor>>;
  /**
   * Continues from an exported state, bit for bit. A parameter that the state does not contain starts from zero.
   *
   * @throws DataError listing every entry that is missing, unexpected or of another shape; nothing is changed then
   */
  importState(state: ReadonlyMap<string, HostTensor>): void;
  dispose(): void;
}
