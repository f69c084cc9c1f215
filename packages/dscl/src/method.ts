import type { Method } from '@ltml/tensor/contract';
import { type DsclConfig, dsclConfigSchema, dsclPresets } from './config.ts';
import { Dscl, type DsclParts } from './learner.ts';

/** DSCL as a method, for configurations and benchmarks. */
export const dscl: Method<DsclConfig, DsclParts> & { readonly presets: typeof dsclPresets } = {
  name: 'dscl',
  configSchema: dsclConfigSchema,
  presets: dsclPresets,
  create: (task, parts, config, random): Dscl => new Dscl(task, parts, config, random),
};
