import { type CprflConfig, cprflConfigSchema } from './config.ts';
import type { LossName } from './published-losses.ts';

/** Learning rate and losses of a data set. */
const datasets = {
  'coco-lt': { learningRate: 1e-5, losses: 'coco' },
  'voc-lt': { learningRate: 5e-5, losses: 'voc' },
} as const;

type DatasetName = keyof typeof datasets;

/**
 * Names of the presets: one for each row of the paper and data set. The name of a data set alone is the main result.
 */
export type PresetName =
  | DatasetName
  | `${DatasetName}/${'bce' | 'mls' | 'cb-focal' | 'db' | 'db-focal' | 'cb-focal-batch' | 'db-focal-batch'}`
  | `${DatasetName}/${'baseline' | 'vsi' | 'vsi-pi'}`
  | `${DatasetName}/${'released-schedule' | 'paper-optimizer' | 'literal-vsi' | 'residual-vsi'}`;

/**
 * Configurations of the rows of the paper.
 *
 * Some rows differ only in their class embeddings (CLIP RN50 and ViT-B/16, GloVe, word2vec, random: Table 1 and Figure
 * 3). They share a preset, because class embeddings are a part and not an option. `recipes/published.yaml` lists each
 * of them.
 *
 * | preset | row |
 * |---|---|
 * | `coco-lt`, `voc-lt` | Table 1, CPRFL; Figure 3 with other embeddings; `+ ASL` of Table 3 |
 * | `…/bce`, `/mls`, `/cb-focal`, `/db`, `/db-focal` | Table 2, with a focal factor for each entry |
 * | `…/cb-focal-batch`, `/db-focal-batch` | Table 2 as the authors' code computes it: one focal factor for the batch |
 * | `…/baseline`, `/vsi`, `/vsi-pi` | Table 3, all three with focal loss; see below |
 * | `…/released-schedule` | the authors' code as it runs: 79 of 80 epochs; use batches of 16 |
 * | `…/paper-optimizer` | the text of the paper without the code: Adam, no schedule |
 * | `…/literal-vsi` | equations 3–5 literally: no norms, no output projection, scores divided by √D |
 * | `…/residual-vsi` | our variant, with residual connections |
 *
 * The paper does not say what replaces the parts that Table 3 removes. We use a global average pool and a linear layer
 * for the whole head (`baseline`), and one linear layer for PI (`vsi`).
 *
 * All presets are meant for batches of 32 images of 448 × 448 pixels: CPRFL, implementation details.
 */
export const presets: Readonly<Record<PresetName, CprflConfig>> = {
  ...rowsOf('coco-lt'),
  ...rowsOf('voc-lt'),
} as Record<PresetName, CprflConfig>;

function rowsOf(dataset: DatasetName): Record<string, CprflConfig> {
  const { learningRate, losses } = datasets[dataset];
  const row = (changes: Record<string, unknown>): CprflConfig =>
    cprflConfigSchema.parse({ optimizer: { learningRate }, ...changes });
  const withLoss = (loss: LossName): CprflConfig => row({ loss });
  return {
    [dataset]: row({}),
    [`${dataset}/bce`]: withLoss('bce'),
    [`${dataset}/mls`]: withLoss('mls'),
    [`${dataset}/cb-focal`]: withLoss(`cb-focal/${losses}`),
    [`${dataset}/db`]: withLoss(`db/${losses}`),
    [`${dataset}/db-focal`]: withLoss(`db-focal/${losses}`),
    [`${dataset}/cb-focal-batch`]: withLoss(`cb-focal-batch/${losses}`),
    [`${dataset}/db-focal-batch`]: withLoss(`db-focal-batch/${losses}`),
    [`${dataset}/baseline`]: row({ loss: 'focal', vsi: null }),
    [`${dataset}/vsi`]: row({ loss: 'focal', pi: { linear: true } }),
    [`${dataset}/vsi-pi`]: row({ loss: 'focal' }),
    [`${dataset}/released-schedule`]: row({ epochs: 79 }),
    [`${dataset}/paper-optimizer`]: row({
      optimizer: { name: 'adam', learningRate, weightDecay: 1e-4 },
      schedule: { name: 'constant' },
    }),
    [`${dataset}/literal-vsi`]: row({ vsi: { norm: 'none', outputProjection: 'none', scale: 'width' } }),
    [`${dataset}/residual-vsi`]: row({ vsi: { residual: true } }),
  };
}
