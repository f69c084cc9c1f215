import type { Kernel } from '../kernel.ts';
import type { WasmBackend } from './memory.ts';

/** Shares the memory. The engine's own kernel copies it, so every tensor saved for a gradient would be copied. */
export const identity: Kernel = {
  name: 'Identity',
  create:
    (original) =>
    ({ inputs, backend, attrs }) => {
      const { dataId, shape, dtype } = inputs.x!;
      if (dtype === 'string') return original!({ inputs, backend, attrs });
      (backend as WasmBackend).incRef(dataId);
      return { dataId, shape, dtype };
    },
};
