import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type CprflConfig, cprflConfigSchema } from './config.ts';
import { CprflLearner, type CprflParts } from './learner.ts';
import { pictures } from './pictures.ts';
import { presets } from './presets.ts';

/** Category-Prompt Refined Feature Learning (CPRFL, ACM MM 2024) as a {@link Method}, for recipes and benchmarks. */
export const cprfl: Method<CprflConfig, CprflParts> = {
  name: 'cprfl',
  configSchema: cprflConfigSchema,
  presets,
  needs: { encodings: ['featureMap', 'patches'], text: 'embeddings', loss: 'default', pictures },
  stages: [{ name: 'train', length: 'epochs', counted: countedInTraining() }],
  create: (task, parts, config, random) => new CprflLearner(task, parts, config, random),
};
