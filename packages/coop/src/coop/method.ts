import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { pictures } from '../pictures.ts';
import { type CoopConfig, coopConfigSchema, coopPresets } from './config.ts';
import { Coop, type CoopParts } from './coop.ts';

/**
 * DualCoOp (NeurIPS 2022), PositiveCoOp and NegativeCoOp (WACV 2025) as a {@link Method}, for recipes and benchmarks.
 */
export const coop: Method<CoopConfig, CoopParts> & { readonly presets: typeof coopPresets } = {
  name: 'coop',
  configSchema: coopConfigSchema,
  presets: coopPresets,
  needs: { encodings: ['tokens'], text: 'tower', loss: 'default', pictures },
  stages: [{ name: 'train', length: 'epochs', counted: countedInTraining() }],
  create: (task, parts, config, random) => new Coop(task, parts, config, random),
};
