import { countedInTraining } from '@ltml/tensor/config';
import type { Method } from '@ltml/tensor/contract';
import { pictures } from '../pictures.ts';
import { type TransferConfig, transferConfigSchema, transferPresets } from './config.ts';
import { SemanticTransfer, type SemanticTransferParts } from './semantic-transfer.ts';

/** SST (AAAI 2022) and HST (IJCV 2024) as a {@link Method}, for recipes and benchmarks. */
export const semanticTransfer: Method<TransferConfig, SemanticTransferParts> & {
  readonly presets: typeof transferPresets;
} = {
  name: 'semantic-transfer',
  configSchema: transferConfigSchema,
  presets: transferPresets,
  needs: { encodings: ['featureMap'], text: 'embeddings', trainingSet: true, loss: 'default', pictures },
  stages: [
    {
      name: 'train',
      length: 'epochs',
      counted: ['from', 'margin.epochs', 'inter.references.every', ...countedInTraining()],
    },
  ],
  create: (task, parts, config, random) => new SemanticTransfer(task, parts, config, random),
};
