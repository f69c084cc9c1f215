import type { MktConfig } from '@ltml/mkt';
import type { TrackMethod } from '../track.ts';

/** A row of the table: MKT with something changed. */
export interface OpenVocabularyRow extends TrackMethod {
  /** Whether anything is trained; without, the teacher itself is scored. */
  readonly trained: boolean;
  /** Where label embeddings come from: the CLIP's text tower, or word vectors that never met an image. */
  readonly labels: 'clip' | 'words';
  change(config: MktConfig): MktConfig;
}

const withoutDistillation = (config: MktConfig): MktConfig => ({
  ...config,
  distillation: { ...config.distillation, weight: 0 },
});

const withoutTuning = (config: MktConfig): MktConfig => ({ ...config, prompt: { ...config.prompt, epochs: 0 } });

/** In the order of report: the ablations of the paper. */
export const openVocabularyRows = {
  teacher: {
    title: 'tiny-clip',
    description: 'the teacher as it is, with both streams; no training',
    trained: false,
    labels: 'clip',
    change: withoutTuning,
  },
  ranking: {
    title: 'Ranking loss',
    description: 'tiny-clip fine-tuned on the seen classes, neither distilled nor its prompt tuned',
    trained: true,
    labels: 'clip',
    change: (config) => withoutTuning(withoutDistillation(config)),
  },
  'no-tuning': {
    title: '+ distillation',
    description: 'the first stage of MKT: with distillation, without prompt tuning',
    after: 'ranking',
    trained: true,
    labels: 'clip',
    change: withoutTuning,
  },
  mkt: {
    title: '+ prompt tuning = MKT',
    description: 'both stages',
    after: 'no-tuning',
    trained: true,
    labels: 'clip',
    change: (config) => config,
  },
  'no-distillation': {
    title: 'MKT without distillation',
    description: 'ranking loss, then prompt tuning',
    trained: true,
    labels: 'clip',
    change: withoutDistillation,
  },
  'global-only': {
    title: 'MKT, global head only',
    description: 'both stages, scores by the image as a whole',
    trained: true,
    labels: 'clip',
    change: (config) => ({ ...config, combine: 'global' }),
  },
  unscaled: {
    title: 'MKT, scores as they are',
    description: 'both stages, streams not scaled to length 1 over the classes of an image',
    trained: true,
    labels: 'clip',
    change: (config) => ({ ...config, normalizeScores: false }),
  },
  'text-only': {
    title: 'Text-only embeddings',
    description:
      'a label is the mean of the vectors of its words, which never met an image (as GloVe in the paper); such a space has no teacher and no prompt',
    trained: true,
    labels: 'words',
    change: (config) => withoutTuning(withoutDistillation(config)),
  },
} as const satisfies Readonly<Record<string, OpenVocabularyRow>>;

export type OpenVocabularyKey = keyof typeof openVocabularyRows;
