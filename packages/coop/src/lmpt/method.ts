import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type LmptConfig, lmptConfigSchema, lmptPresets } from './config.ts';
import { Lmpt, type LmptParts } from './lmpt.ts';
import { pictures } from './pictures.ts';

/** LMPT (ALVR 2024) as a {@link Method}, for recipes and benchmarks. */
export const lmpt: Method<LmptConfig, LmptParts> & { readonly presets: typeof lmptPresets } = {
  name: 'lmpt',
  configSchema: lmptConfigSchema,
  presets: lmptPresets,
  needs: { encodings: ['features'], text: 'tower', loss: 'own', pictures },
  stages: [{ name: 'train', length: 'epochs', counted: countedInTraining() }],
  create: (task, parts, config, random) => new Lmpt(task, parts, config, random),
};
