import type { ResNet } from '@ltml/backbone';
import { fit } from '@ltml/train';
import { categoryPromptsRows } from '../category-prompts/methods.ts';
import { type CategoryPromptsProtocol, protocols } from '../category-prompts/protocol.ts';
import { type CategoryPromptsParts, loadMaps, trainPrompts } from '../category-prompts/track.ts';
import { describeData } from '../described-data.ts';
import { encodeDigits } from '../digits-parts.ts';
import { compareGroups, groupMeasures } from '../group-measures.ts';
import { createRun, loadSingleLabelSets, type SingleLabelSets } from '../single-label/parts.ts';
import {
  dsclConfig,
  type SingleLabelProtocol,
  type SingleLabelRow,
  singleLabelProtocol,
} from '../single-label/protocol.ts';
import { protocolName, type Track, type TrackChanges, type TrackMethod } from '../track.ts';

/** What the network of the maps has learned before CPRFL's head sees them. */
interface PretrainedPromptsRow extends TrackMethod {
  /** The row of the track `single-label` whose first stage it goes through; none for the network as it is. */
  readonly pretraining?: SingleLabelRow;
}

const methods = {
  plain: {
    title: 'resnet-tiny → CPRFL',
    description: 'CPRFL’s head on the frozen network that saw digits in other inks.',
  },
  scl: {
    title: 'SCL → CPRFL',
    description: 'The network goes through the first stage of SCL on one-label scenes, and is frozen then.',
    pretraining: 'scl',
    after: 'plain',
  },
  dscl: {
    title: 'DSCL → CPRFL',
    description: 'The same with DSCL.',
    pretraining: 'dscl',
    after: 'scl',
  },
} as const satisfies Readonly<Record<string, PretrainedPromptsRow>>;

/** What the rows start from. */
export interface PretrainedPromptsParts {
  /** Scenes of one label for the pretraining. */
  readonly sets: SingleLabelSets;
  /** Maps of the network as it is. */
  readonly plain: CategoryPromptsParts;
  /** Maps of a network that was trained further. */
  encode(network: ResNet): Promise<Pick<CategoryPromptsParts, 'train' | 'test'>>;
}

type Protocol = Pick<CategoryPromptsProtocol, 'views' | 'halve'>;

async function loadParts(protocol: Protocol, onProgress: (done: number) => void): Promise<PretrainedPromptsParts> {
  return {
    sets: await loadSingleLabelSets(),
    plain: await loadMaps(protocol, onProgress),
    encode: (network) => encodeDigits(network, 'featureMap', protocol.views),
  };
}

/** Two methods in a row: contrastive pretraining (AAAI 2024) under CPRFL's head (ACM MM 2024). */
export function pretrainedPromptsTrack(
  changes: TrackChanges & { readonly batchSize?: number; readonly classifierBatchSize?: number } = {},
  load: (protocol: Protocol, onProgress: (done: number) => void) => Promise<PretrainedPromptsParts> = loadParts,
): Track {
  const protocol = { ...protocols.full, seeds: [1, 2, 3], ...changes };
  const pretraining: SingleLabelProtocol = { ...singleLabelProtocol, ...changes };
  const version = `${protocol.version} after ${pretraining.version}`;
  return {
    key: 'pretrained-prompts',
    title: 'Contrastive pretraining under category prompts',
    question: 'Does contrastive pretraining on one-label scenes give CPRFL’s head better maps?',
    protocol: protocolName(version, changes),
    seeds: protocol.seeds,
    measures: groupMeasures,
    methods,
    baseline: 'plain',
    notes: [
      `Pretraining: the first stage of the track single-label, ${pretraining.epochs} epochs on its 1,383 training scenes, which show the same inks and the same training handwriting as digits-lt, in views of half the size. The network as it is has seen neither ink: what SCL and DSCL add to it is the scenes as well as the loss, and only their difference is the loss.`,
      `Head: the row CPRFL of the track category-prompts, with its settings, on the frozen network’s maps; ${protocol.epochs} epochs. Nothing was tuned for this track.`,
      'The last step counts.',
    ],
    cost: { load: 15, run: 400 },
    async load(onProgress) {
      const parts = await load(protocol, onProgress);
      const { train, test, features } = parts.plain;
      const described = describeData(train, test);
      return {
        ...described,
        async run(method, seed, onDone) {
          const row: PretrainedPromptsRow = methods[method as keyof typeof methods];
          const start = performance.now();
          const maps = row.pretraining ? await pretrainedMaps(row.pretraining, parts, pretraining, seed) : parts.plain;
          const learningRate = protocol.learningRates.cprfl;
          const head = categoryPromptsRows.cprfl;
          const { scores, ...result } = await trainPrompts(
            head,
            { ...maps, features },
            protocol,
            learningRate,
            seed,
            onDone,
          );
          return {
            ...result,
            seconds: (performance.now() - start) / 1000,
            settings: { pretraining: row.pretraining ?? null, learningRate },
            outputs: { test: scores },
          };
        },
        compare: (first, second, seed) =>
          compareGroups(first.outputs.test, second.outputs.test, described.classCounts, seed),
      };
    },
  };
}

/** Maps of the network that the first stage of a row leaves. */
async function pretrainedMaps(
  row: SingleLabelRow,
  { sets, encode }: PretrainedPromptsParts,
  protocol: SingleLabelProtocol,
  seed: number,
): Promise<Pick<CategoryPromptsParts, 'train' | 'test'>> {
  // The second stage is as short as it can be, and leaves the network alone.
  const config = dsclConfig(row, { ...protocol, classifierEpochs: 1 });
  const ownConfig = { ...config, classify: { ...config.classify, batchNorm: 'eval' as const } };
  const { learner, encoder, ...run } = await createRun(sets, ownConfig, protocol, seed);
  try {
    await fit({ learner, ...run });
    return await encode(encoder);
  } finally {
    learner.dispose();
  }
}
