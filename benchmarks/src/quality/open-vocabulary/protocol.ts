import { type MktConfig, mktConfigSchema, mktPresets } from '@ltml/mkt';

/** What all methods of the track share: whoever changes a number here changes {@link OpenVocabularyProtocol.version}. */
export interface OpenVocabularyProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  /** Of the first stage. */
  readonly epochs: number;
  readonly promptEpochs: number;
  readonly batchSize: number;
}

/** Epochs are those of the paper for Open Images, where a longer training does not pay. */
export const openVocabularyProtocol: OpenVocabularyProtocol = {
  version: 'digits-lt@1/open-vocabulary/1',
  seeds: [1, 2, 3],
  epochs: mktPresets['paper-open-images'].distil.epochs,
  promptEpochs: mktPresets['paper-open-images'].prompt.epochs,
  batchSize: 32,
};

/** k of the precision and recall of each track: about the labels that an image has among its classes. */
export const topLabels = { zsl: 1, gzsl: 3 } as const;

/**
 * MKT as released, for a network of three stages and 64 patches: of 12 blocks 10 rest, so two stages of three do; of 196
 * patches 18 count, so 6 of 64 do; a tenth of the first stage is warm-up. Rates and decay are the published ones. Nothing
 * was tuned.
 */
export function openVocabularyConfig({ epochs, promptEpochs }: OpenVocabularyProtocol): MktConfig {
  const { distil, prompt, ...repo } = mktPresets.repo;
  return mktConfigSchema.parse({
    ...repo,
    topK: 6,
    distil: {
      ...distil,
      epochs,
      schedule: { ...distil.schedule, warmup: { epochs: epochs / 10 } },
      fixLayer: 2,
    },
    prompt: { ...prompt, epochs: promptEpochs },
  });
}
