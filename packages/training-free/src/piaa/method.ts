import type { Method } from '@ltml/tensor/contract';
import { type PiaaConfig, piaaConfigSchema, piaaPresets } from './config.ts';
import { Piaa, type PiaaParts } from './piaa.ts';

/** PIAA (ICML 2026) as a {@link Method}, for recipes and benchmarks. */
export const piaa: Method<PiaaConfig, PiaaParts> & { readonly presets: typeof piaaPresets } = {
  name: 'piaa',
  configSchema: piaaConfigSchema,
  presets: piaaPresets,
  needs: { encodings: ['tokens'], text: 'tower', loss: 'own' },
  stages: [{ name: 'gather', length: 'epochs' }],
  create: (task, parts, config) => new Piaa(task, parts, config),
};
