import { resnetTinyStatistics, type TinyClip } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { BatchLoader, type Dataset, digitsLt, imageInputs, UniformSampler } from '@ltml/data';
import { labelRankingReport, pairedBootstrap, type Scores } from '@ltml/metrics';
import { labelPrompts, Mkt, type MktParts } from '@ltml/mkt';
import { l2Normalize, RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { asDataset } from '../digits-parts.ts';
import { type Measures, protocolName, type Track, type TrackChanges, type TrackRun } from '../track.ts';
import { type OpenVocabularyKey, type OpenVocabularyRow, openVocabularyRows } from './methods.ts';
import { type OpenVocabularyProtocol, openVocabularyConfig, openVocabularyProtocol, topLabels } from './protocol.ts';

/** Training images of the seen classes; test images of all, of which the seen ones come first. */
interface OpenVocabularyParts {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Zero-shot classification by MKT and its ablations: twenty classes are seen in training, ten in another ink are not. */
export function openVocabularyTrack(changes: TrackChanges = {}): Track {
  const protocol: OpenVocabularyProtocol = { ...openVocabularyProtocol, ...changes };
  const { epochs, promptEpochs, batchSize, version } = protocol;
  return {
    key: 'open-vocabulary',
    title: 'Labels that were never seen',
    question: 'Which parts of MKT help to find classes that no training image shows?',
    protocol: protocolName(version, changes),
    seeds: protocol.seeds,
    measures: [
      { key: 'zsl', title: 'ZSL mAP' },
      { key: 'zslF1', title: `ZSL F1@${topLabels.zsl}` },
      { key: 'gzsl', title: 'GZSL mAP' },
      { key: 'gzslF1', title: `GZSL F1@${topLabels.gzsl}` },
    ],
    methods: openVocabularyRows,
    baseline: 'ranking',
    notes: [
      'Student and teacher are tiny-clip, as MKT was released with CLIP for both; its last stage and its projection train.',
      'tiny-clip was trained on captions of all thirty names in other scenes and other handwriting, as CLIP knows the names of NUS-WIDE; green, the ink of the unseen classes, is in no training scene here, under no name.',
      `${epochs} epochs of ranking and distillation, ${promptEpochs} of prompt tuning, in batches of ${batchSize}. Rates, decay and frozen layers are the published ones, carried over to a network of three stages; nothing was tuned.`,
      'ZSL scores the ten unseen classes among themselves, GZSL all thirty; P, R and F1 are micro, images without a label of the track count.',
      'The last step counts. No test image had a say in a setting or in the choice of a checkpoint.',
    ],
    cost: { load: 2, run: 60 },
    async load() {
      const { train, test } = await digitsLt({ unseenClasses: true });
      const parts: OpenVocabularyParts = {
        train: asDataset(train),
        test: { ...test, inputs: imageInputs(test.images, [{ name: 'normalize', ...resnetTinyStatistics }]) },
      };
      const seen = classStatistics(train.labels).classCounts;
      return {
        dataset: 'digits-lt@1',
        classes: test.classes,
        classCounts: test.classes.map((_, c) => seen[c] ?? 0),
        trainImages: train.labels.rows,
        testImages: test.labels.rows,
        run: (method, seed, onProgress) =>
          trainAndScore(openVocabularyRows[method as OpenVocabularyKey], parts, protocol, seed, onProgress),
        compare: (first, second, seed) => ({
          ...compareTrack('zsl', first, second, seed),
          ...compareTrack('gzsl', first, second, seed),
        }),
      };
    },
  };
}

function compareTrack(track: 'zsl' | 'gzsl', first: TrackRun, second: TrackRun, seed: number) {
  const [a, b] = [first.outputs[track], second.outputs[track]];
  const groups = { [track]: Array.from({ length: a.columns }, (_, c) => c) };
  return pairedBootstrap(a, b, { groups, random: new RandomStream(seed) });
}

async function trainAndScore(
  row: OpenVocabularyRow,
  { train, test }: OpenVocabularyParts,
  protocol: OpenVocabularyProtocol,
  seed: number,
  onProgress: (done: number) => void,
): Promise<TrackRun> {
  const start = performance.now();
  const random = new RandomStreams(seed);
  const config = row.change(openVocabularyConfig(protocol));
  const [own, teacher] = [await loadTinyClip(), await loadTinyClip()];
  const labels = labelsOf(row, teacher, train.classes);
  const parts: MktParts = { encoder: own.clip.visual, features: 64, teacher: teacher.clip.visual, ...labels };
  const mkt = new Mkt({ classes: train.classes, statistics: classStatistics(train.labels) }, parts, config, random);
  try {
    if (row.trained) await trainAll(mkt, train, protocol.batchSize, random, onProgress);
    mkt.eval();
    const embeddings = embedAll(mkt, row, teacher, test.classes);
    const outputs = await scoreTracks(mkt, embeddings, test, train.classes.length);
    embeddings.dispose();
    const { measures, perClass } = measure(outputs);
    const seconds = (performance.now() - start) / 1000;
    return { measures, perClass, curve: [], seconds, settings: { ...config, labels: row.labels }, outputs };
  } finally {
    mkt.dispose();
    teacher.clip.dispose();
    labels.classEmbeddings?.dispose();
  }
}

async function trainAll(
  mkt: Mkt,
  train: Dataset,
  batchSize: number,
  random: RandomStreams,
  onProgress: (done: number) => void,
): Promise<void> {
  const sampler = new UniformSampler({ length: train.labels.rows, random: random.stream('shuffle') });
  const loader = new BatchLoader({ dataset: train, sampler, batchSize, dropLast: true, random });
  const epochs = mkt.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  let done = 0;
  await fit({ learner: mkt, loader, random, observers: [{ onEpoch: () => onProgress(++done / epochs) }] });
}

function labelsOf(
  { labels }: OpenVocabularyRow,
  { clip, tokenizer }: TinyClip,
  classes: readonly string[],
): Pick<MktParts, 'classEmbeddings' | 'textTower' | 'tokenizer'> {
  return labels === 'words' ? { classEmbeddings: wordEmbeddings(classes) } : { textTower: clip.text, tokenizer };
}

/** Embeddings of the classes of the test images, by the tuned prompt where there is one. */
function embedAll(mkt: Mkt, row: OpenVocabularyRow, { tokenizer }: TinyClip, classes: readonly string[]): tf.Tensor2D {
  return row.labels === 'words' ? wordEmbeddings(classes) : mkt.embedLabels(labelPrompts(classes, { tokenizer }));
}

/** [C, 64] the mean of a random vector for each word of a name, at length 1: alike where words are shared. */
function wordEmbeddings(classes: readonly string[]): tf.Tensor2D {
  const D = 64;
  const vectors = new Map<string, Float32Array>();
  const streams = new RandomStreams(0);
  for (const word of classes.flatMap((name) => name.split(' '))) {
    const stream = streams.derive(`word ${word}`);
    if (!vectors.has(word))
      vectors.set(
        word,
        Float32Array.from({ length: D }, () => stream.normal(0, 1)),
      );
  }
  return tf.tidy(() => {
    const names = classes.map((name) => name.split(' ').map((word) => tf.tensor1d(vectors.get(word) as Float32Array)));
    return l2Normalize(tf.stack(names.map((words) => tf.mean(tf.stack(words), 0)))) as tf.Tensor2D;
  });
}

/** Scores of the unseen classes among themselves and of all, from one pass over the images. */
async function scoreTracks(
  mkt: Mkt,
  embeddings: tf.Tensor2D,
  { inputs, labels }: Dataset,
  seen: number,
): Promise<{ readonly zsl: Scores; readonly gzsl: Scores }> {
  const [N, C] = [labels.rows, labels.columns];
  const all = new Float32Array(N * C);
  const unseen = new Float32Array(N * (C - seen));
  for (let first = 0; first < N; first += 250) {
    const indices = Int32Array.from({ length: Math.min(250, N - first) }, (_, i) => first + i);
    const values = await inputs.read(indices);
    const scores = tf.tidy(() => {
      const image = mkt.embedImages(tf.tensor(values, [indices.length, ...inputs.shape]));
      const streams = mkt.streams(image, embeddings);
      const part = (stream: tf.Tensor2D): tf.Tensor2D => tf.slice(stream, [0, seen], [-1, C - seen]);
      return {
        gzsl: mkt.score(streams),
        zsl: mkt.score({ global: part(streams.global), local: part(streams.local) }),
      };
    });
    all.set(await scores.gzsl.data<'float32'>(), first * C);
    unseen.set(await scores.zsl.data<'float32'>(), first * (C - seen));
    tf.dispose(scores);
  }
  const present = labels.present.filter((_, at) => at % C >= seen);
  return {
    zsl: { rows: N, columns: C - seen, scores: unseen, present },
    gzsl: { rows: N, columns: C, scores: all, present: labels.present },
  };
}

function measure({ zsl, gzsl }: { readonly zsl: Scores; readonly gzsl: Scores }): {
  readonly measures: Measures;
  readonly perClass: number[];
} {
  const unseen = labelRankingReport(zsl, { k: [topLabels.zsl] });
  const all = labelRankingReport(gzsl, { k: [topLabels.gzsl] });
  return {
    measures: {
      zsl: unseen.meanAveragePrecision,
      zslF1: unseen.atK[0].f1,
      gzsl: all.meanAveragePrecision,
      gzslF1: all.atK[0].f1,
    },
    perClass: Array.from(all.averagePrecision),
  };
}
