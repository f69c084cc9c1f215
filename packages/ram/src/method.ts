import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type RamConfig, ramConfigSchema, ramPresets } from './config.ts';
import { Ram, type RamParts } from './ram.ts';

/** RAM's matching head (CVPR 2025) as a {@link Method}, for recipes and benchmarks. */
export const ram: Method<RamConfig, RamParts> & { readonly presets: typeof ramPresets } = {
  name: 'ram',
  configSchema: ramConfigSchema,
  presets: ramPresets,
  needs: { encodings: ['tokens'], text: 'tower', teacher: true, loss: 'own' },
  stages: [{ name: 'train', length: 'epochs', counted: countedInTraining() }],
  create: (task, parts, config, random) => new Ram(task, parts, config, random),
};
