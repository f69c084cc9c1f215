import type { Criterion } from '@ltml/tensor/contract';
import type { TrackMethod } from '../track.ts';
import type { EmbeddingName } from './embeddings.ts';

/** A row of the track: what of CPRFL's head there is, with which loss and which embeddings. */
export interface CategoryPromptsRow extends TrackMethod {
  /** Left out by the linear heads. */
  readonly embeddings?: EmbeddingName;
  /** Changes of the shared configuration of CPRFL. */
  readonly config: Readonly<Record<string, unknown>>;
  /** A loss that the configuration has no name for. */
  readonly criterion?: Criterion;
}

/** The rows by key: the ladder of CPRFL's Table 3, then what stands beside it. */
export const categoryPromptsRows = {
  focal: {
    title: 'Linear, focal',
    description: 'Global average pool and a linear head, focal loss: the baseline of CPRFL’s Table 3.',
    config: { vsi: null, loss: 'focal' },
  },
  vsi: {
    title: '+ class features (VSI), focal',
    description:
      'Prompts, each a linear map of the class embedding, attend to the feature map: a feature for each class.',
    after: 'focal',
    embeddings: 'tiny-clip',
    config: { pi: { linear: true }, loss: 'focal' },
  },
  'vsi-pi': {
    title: '+ prompt network (PI), focal',
    description: 'The prompts come from a network of two layers: CPRFL with focal loss.',
    after: 'vsi',
    embeddings: 'tiny-clip',
    config: { loss: 'focal' },
  },
  cprfl: {
    title: '+ ASL (CPRFL)',
    description: 'The whole of CPRFL, with the asymmetric loss, against a linear head with that loss.',
    after: 'vsi-pi',
    against: 'asl',
    embeddings: 'tiny-clip',
    config: {},
  },
  asl: {
    title: 'Linear, ASL',
    description: 'Global average pool and a linear head, asymmetric loss: CPRFL’s loss without its head.',
    config: { vsi: null },
  },
  'cprfl-random': {
    title: 'CPRFL, random embeddings',
    description: 'CPRFL whose class embeddings know nothing of the names: normal numbers.',
    against: 'cprfl',
    embeddings: 'random',
    config: {},
  },
  'cprfl-words': {
    title: 'CPRFL, shared words',
    description:
      'CPRFL with a random vector for each word and their mean for each name: “red three” is like “red four”.',
    against: 'cprfl',
    embeddings: 'words',
    config: {},
  },
} as const satisfies Readonly<Record<string, CategoryPromptsRow>>;

export type CategoryPromptsKey = keyof typeof categoryPromptsRows;
