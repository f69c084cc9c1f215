import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { pictures } from '../pictures.ts';
import { type VisionOnlyConfig, visionOnlyConfigSchema, visionOnlyPresets } from './config.ts';
import { VisionOnly, type VisionOnlyParts } from './vision-only.ts';

/** The vision-only baseline of PositiveCoOp (WACV 2025) as a {@link Method}, for recipes and benchmarks. */
export const visionOnly: Method<VisionOnlyConfig, VisionOnlyParts> & { readonly presets: typeof visionOnlyPresets } = {
  name: 'vision-only',
  configSchema: visionOnlyConfigSchema,
  presets: visionOnlyPresets,
  needs: { encodings: ['tokens', 'patches', 'featureMap'], loss: 'default', pictures },
  stages: [{ name: 'train', length: 'epochs', counted: countedInTraining() }],
  create: (task, parts, config, random) => new VisionOnly(task, parts, config, random),
};
