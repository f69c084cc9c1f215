import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type DsclConfig, dsclConfigSchema, dsclPresets } from './config.ts';
import { Dscl, type DsclParts } from './learner.ts';
import { pictures } from './pictures.ts';

/** Decoupled supervised contrastive learning (DSCL, AAAI 2024) as a {@link Method}, for recipes and benchmarks. */
export const dscl: Method<DsclConfig, DsclParts> & { readonly presets: typeof dsclPresets } = {
  name: 'dscl',
  configSchema: dsclConfigSchema,
  presets: dsclPresets,
  needs: { encodings: ['featureMap'], images: true, encoders: 2, labels: 'single', loss: 'own', pictures },
  stages: [
    { name: 'pretrain', length: 'pretrain.epochs', counted: countedInTraining('pretrain'), views: true },
    { name: 'classify', length: 'classify.epochs', counted: countedInTraining('classify') },
  ],
  create: (task, parts, config, random): Dscl => new Dscl(task, parts, config, random),
};
