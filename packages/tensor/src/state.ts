import { checkFlag, checkOptionNames } from './check-options.ts';
import { assignHostTensors, type ImportReport, readHostTensors, type Stored } from './host-tensors.ts';
import type { Module } from './module.ts';
import type { HostTensor } from './safetensors.ts';

/**
 * All parameters and buffers of a module on the host, in PyTorch's names and axis order: what a checkpoint holds.
 *
 * The state is that of the moment of the call, even if training goes on while it is being read.
 */
export function exportState(module: Module): Promise<Map<string, HostTensor>> {
  return readHostTensors(storedState(module));
}

export interface ImportStateOptions {
  /** Loads what is there: names that do not meet are reported, not refused. Default false. */
  readonly partial?: boolean;
}

/**
 * Writes tensors into the parameters and buffers of a module, by PyTorch's names and in its axis order; bit for bit what
 * {@link exportState} read. Nothing is changed if anything is refused.
 *
 * F64 is rounded to float32; I64 becomes int32, and what that has no place for is refused. The counters
 * `num_batches_tracked`, which PyTorch's batch norms save without using them, are passed over unless the module has
 * them too.
 *
 * @throws DataError that lists all tensors that are missing, unexpected or of another shape or type
 */
export function importState(
  module: Module,
  tensors: ReadonlyMap<string, HostTensor>,
  options: ImportStateOptions = {},
): ImportReport {
  checkOptionNames('importState', options, ['partial']);
  checkFlag('importState', 'options.partial', options.partial ?? false);
  const state = storedState(module);
  const wanted = [...tensors].filter(([name]) => state.has(name) || !/(^|\.)num_batches_tracked$/.test(name));
  return assignHostTensors('importState', state, new Map(wanted), options.partial);
}

function storedState(module: Module): Map<string, Stored> {
  return new Map(
    [...module.namedState()].map(([name, state]) => [
      name,
      { variable: state.variable, layout: 'layout' in state ? state.layout : undefined },
    ]),
  );
}
