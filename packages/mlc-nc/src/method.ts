import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type MlcNcConfig, mlcNcConfigSchema, mlcNcPresets } from './config.ts';
import { MlcNcLearner, type MlcNcParts } from './learner.ts';

/** MLC-NC (AAAI 2025) as a {@link Method}, for recipes and benchmarks. */
export const mlcNc: Method<MlcNcConfig, MlcNcParts> = {
  name: 'mlc-nc',
  configSchema: mlcNcConfigSchema,
  presets: mlcNcPresets,
  needs: { encodings: ['featureMap', 'patches'], loss: 'own' },
  stages: [{ name: 'train', length: 'epochs', counted: [...countedInTraining(), 'alignmentEpochs'] }],
  create: (task, parts, config, random) => new MlcNcLearner(task, parts, config, random),
};
