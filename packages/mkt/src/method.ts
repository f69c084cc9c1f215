import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { type MktConfig, mktConfigSchema, mktPresets } from './config.ts';
import { Mkt, type MktParts } from './mkt.ts';
import { pictures } from './pictures.ts';

/** Multi-modal Knowledge Transfer (MKT, AAAI 2023) as a {@link Method}, for recipes and benchmarks. */
export const mkt: Method<MktConfig, MktParts> & { readonly presets: typeof mktPresets } = {
  name: 'mkt',
  configSchema: mktConfigSchema,
  presets: mktPresets,
  needs: { encodings: ['patches', 'featureMap'], images: true, teacher: true, text: 'tower', loss: 'own', pictures },
  stages: [
    { name: 'distil', length: 'distil.epochs', counted: countedInTraining('distil') },
    { name: 'prompt', length: 'prompt.epochs', counted: countedInTraining('prompt') },
  ],
  create: (task, parts, config, random) => new Mkt(task, parts, config, random),
};
