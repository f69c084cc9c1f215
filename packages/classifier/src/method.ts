import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { Classifier, type ClassifierParts } from './classifier.ts';
import { type ClassifierConfig, classifierConfigSchema, classifierPresets } from './config.ts';

/** The baseline as a {@link Method}, for recipes and benchmarks. */
export const classifier: Method<ClassifierConfig, ClassifierParts> & { readonly presets: typeof classifierPresets } = {
  name: 'classifier',
  configSchema: classifierConfigSchema,
  presets: classifierPresets,
  needs: { encodings: ['features'], loss: 'any' },
  stages: [{ name: 'train', length: 'epochs', counted: countedInTraining() }],
  create: (task, parts, config, random) => new Classifier(task, parts, config, random),
};
