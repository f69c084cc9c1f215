import type { Method } from '@ltml/tensor/contract';
import { type SparcConfig, sparcConfigSchema, sparcPresets } from './config.ts';
import { Sparc, type SparcParts } from './sparc.ts';

/** SPARC (CVPR 2025) as a {@link Method}, for recipes and benchmarks. */
export const sparc: Method<SparcConfig, SparcParts> & { readonly presets: typeof sparcPresets } = {
  name: 'sparc',
  configSchema: sparcConfigSchema,
  presets: sparcPresets,
  needs: { encodings: ['features'], text: 'tower', loss: 'own' },
  stages: [{ name: 'gather', length: 'epochs' }],
  create: (task, parts, config) => new Sparc(task, parts, config),
};
