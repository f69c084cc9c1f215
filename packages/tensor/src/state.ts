import { checkFlag, checkOptionNames } from './check-options.ts';
import { assignHostTensors, type ImportReport, readHostTensors, type Stored } from './host-tensors.ts';
import type { Module } from './module.ts';
import type { HostTensor } from './safetensors.ts';

/**
 * Copies all parameters and buffers of a module to the host, in PyTorch's names and axis order, e.g. for a checkpoint.
 *
 * All values are from the moment of the call, even if training continues while they are read.
 */
export function exportState(module: Module): Promise<Map<string, HostTensor>> {
  return readHostTensors(storedState(module));
}

/** Options of {@link importState}. */
export interface ImportStateOptions {
  /** Loads the tensors that have a place, and reports the other names instead of refusing them. Default false. */
  readonly partial?: boolean;
}

/**
 * Writes tensors into the parameters and buffers of a module, in PyTorch's names and axis order. It restores the result
 * of {@link exportState} bit for bit. If anything is refused, nothing is changed.
 *
 * F64 is rounded to float32. I64 becomes int32; values outside its range are refused. PyTorch's batch norms save
 * counters `num_batches_tracked` without using them: they are ignored unless the module has them too.
 *
 * @throws DataError listing all tensors that are missing, unexpected or of another shape or type; OptionError
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
