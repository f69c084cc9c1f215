import { cprfl } from '@ltml/cprfl';
import { BatchLoader, type Dataset, UniformSampler } from '@ltml/data';
import { type Scores, splitReport } from '@ltml/metrics';
import { RandomStreams } from '@ltml/tensor';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { describeData } from '../described-data.ts';
import { loadDigitsFeatures } from '../digits-parts.ts';
import { type FitScores, fitAndScore } from '../fit-and-score.ts';
import { compareGroups, groupMeasures, measureGroups } from '../group-measures.ts';
import { protocolName, type Track, type TrackChanges, type TrackMethod } from '../track.ts';
import { embed } from './embeddings.ts';
import { type CategoryPromptsKey, type CategoryPromptsRow, categoryPromptsRows } from './methods.ts';
import { type CategoryPromptsProtocol, configOf, protocols } from './protocol.ts';

/** Feature maps that all methods start from. */
export interface CategoryPromptsParts {
  readonly train: Dataset;
  readonly test: Dataset;
  /** Channels of the maps. */
  readonly features: number;
}

/**
 * CPRFL (Yan et al., ACM MM 2024) against its own baseline on the same feature maps, step by step, and with embeddings
 * that know less of the names.
 *
 * @param loadParts default: `digits-lt` through the pretrained `resnet-tiny`
 */
export function categoryPromptsTrack(
  suite: keyof typeof protocols,
  changes: TrackChanges = {},
  loadParts: LoadMaps = loadMaps,
): Track {
  const protocol: CategoryPromptsProtocol = { ...protocols[suite], ...changes };
  const { epochs, batchSize, views, halve, width, version } = protocol;
  return {
    key: 'category-prompts',
    title: 'Category prompts',
    question:
      'What does a feature of its own for each class bring to rare classes, and what do the names of the classes?',
    protocol: protocolName(version, changes),
    seeds: protocol.seeds,
    measures: groupMeasures,
    methods: ladderOf(protocol.rows),
    baseline: 'focal',
    notes: [
      `Every method sees the 8 × 8 maps of resnet-tiny, pretrained on digits in other inks and frozen${halve ? ', halved to 4 × 4' : ''}; ${views} augmented views of each training image.`,
      `Every method trains for ${epochs} epochs in batches of ${batchSize} as CPRFL’s authors do: AdamW, one cycle, weights averaged over the same share of the run. CPRFL’s head has ${width} features where theirs has 2,048, and 4 heads of ${width / 4}.`,
      'Learning rates were chosen by three-fold cross-validation on the training images, among four for each linear head and among four for all rows of CPRFL’s head together, with the whole of CPRFL; size and epochs were not tuned for any row.',
      'Each loss is compared with itself: CPRFL’s head with focal loss to a linear one with focal loss, with ASL to a linear one with ASL.',
      ...(protocol.rows.includes('vsi')
        ? []
        : [
            'A shortened comparison; `ltml bench --suite full` has all rows and the training that was settled for them.',
          ]),
      'tiny-clip’s embeddings of these names are nearly orthogonal: “red three” is as far from “red four” as from “blue four”. What the names share is in “shared words” alone.',
      'The last step counts. No test image had a say in a setting or in the choice of a checkpoint.',
    ],
    cost: { load: 8, run: suite === 'quick' ? 6 : 40 },
    async load(onProgress) {
      const parts = await loadParts(protocol, onProgress);
      const { train, test } = parts;
      const described = describeData(train, test);
      return {
        ...described,
        async run(method, seed, onDone) {
          const row: CategoryPromptsRow = categoryPromptsRows[method as CategoryPromptsKey];
          const learningRate = protocol.learningRates[method as CategoryPromptsKey] as number;
          const { scores, ...result } = await trainPrompts(row, parts, protocol, learningRate, seed, onDone);
          const { config, embeddings } = row;
          return { ...result, settings: { ...config, embeddings, learningRate }, outputs: { test: scores } };
        },
        compare: (first, second, seed) =>
          compareGroups(first.outputs.test, second.outputs.test, described.classCounts, seed),
      };
    },
  };
}

/** These rows, each after the nearest step before it that is among them. */
function ladderOf(keys: readonly CategoryPromptsKey[]): Record<string, TrackMethod> {
  const all: Readonly<Record<string, CategoryPromptsRow>> = categoryPromptsRows;
  const isLeftOut = (key: string | undefined): key is string => key !== undefined && !keys.some((own) => own === key);
  return Object.fromEntries(
    keys.map((key) => {
      const { after: first, ...row } = all[key];
      let after = first;
      while (isLeftOut(after)) after = all[after].after;
      return [key, after === undefined ? row : { ...row, after }];
    }),
  );
}

type LoadMaps = (
  protocol: Pick<CategoryPromptsProtocol, 'views' | 'halve'>,
  onProgress?: (done: number) => void,
) => Promise<CategoryPromptsParts>;

/** `digits-lt` through the frozen `resnet-tiny`. */
export const loadMaps: LoadMaps = ({ views, halve }, onProgress) =>
  loadDigitsFeatures(halve ? 'halvedMap' : 'featureMap', views, onProgress);

/** Trains a row with one seed and evaluates its last, averaged weights on the test images. */
export async function trainPrompts(
  row: CategoryPromptsRow,
  { train, test, features }: CategoryPromptsParts,
  protocol: Pick<CategoryPromptsProtocol, 'epochs' | 'batchSize' | 'width' | 'averageDecay'>,
  learningRate: number,
  seed: number,
  onProgress?: (done: number) => void,
): Promise<FitScores & { readonly perClass: readonly number[] }> {
  const random = new RandomStreams(seed);
  const statistics = classStatistics(train.labels);
  const groups = frequencyGroups(statistics.classCounts);
  const sampler = new UniformSampler({ length: train.labels.rows, random: random.stream('shuffle') });
  const loader = new BatchLoader({ dataset: train, sampler, batchSize: protocol.batchSize, dropLast: true, random });
  const embedded = row.embeddings && (await embed(row.embeddings, train.classes));
  const classEmbeddings =
    embedded && tf.tensor2d(Float32Array.from(embedded.data, Number), embedded.shape as [number, number]);
  const { criterion } = row;
  const parts = { features, ...(classEmbeddings && { classEmbeddings }), ...(criterion && { criterion }) };
  const task = { classes: train.classes, statistics };
  const learner = cprfl.create(task, parts, configOf(row, protocol, learningRate), random);
  classEmbeddings?.dispose();
  const measure = (scores: Scores) => measureGroups(scores, groups);
  const result = await fitAndScore({ learner, loader, random, test, measure, ...(onProgress && { onProgress }) });
  return { ...result, perClass: Array.from(splitReport(result.scores, groups).averagePrecision) };
}
