import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type SarbConfig, sarbConfigSchema, sarbPresets } from './config.ts';
import { pictures } from './pictures.ts';
import { Sarb, type SarbParts } from './sarb.ts';

/** Semantic-Aware Representation Blending (SARB, AAAI 2022) as a {@link Method}, for recipes and benchmarks. */
export const sarb: Method<SarbConfig, SarbParts> & { readonly presets: typeof sarbPresets } = {
  name: 'sarb',
  configSchema: sarbConfigSchema,
  presets: sarbPresets,
  needs: { encodings: ['featureMap'], text: 'embeddings', trainingSet: true, loss: 'default', pictures },
  stages: [
    {
      name: 'train',
      length: 'epochs',
      counted: ['blending.from', 'blending.prototypes.every', ...countedInTraining()],
    },
  ],
  create: (task, parts, config, random) => new Sarb(task, parts, config, random),
};
