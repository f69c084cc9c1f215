// Trains tiny-clip on captioned scenes and writes weights/tiny-clip.safetensors in half precision and its tokenizer.
//   node --import tsx packages/backbone/scripts/train-tiny-clip.ts [--epochs 24] [--scenes 6000]
// The image tower starts from resnet-tiny. All thirty names of digits-lt are in the captions, the green ones too; the
// handwriting is that of the source task, of which digits-lt has none, with distractors in every ink.
// Seeded. Engines round differently, so another engine or number of threads gives other weights of the same quality.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BatchLoader, digitsLt, imageInputs, type SceneSet, UniformSampler } from '@ltml/data';
import { exportState, importState, logSoftmax, RandomStreams, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import { dealGlyphs } from '../../data/src/digits-lt/glyphs.ts';
import { balancedLabelSets } from '../../data/src/digits-lt/label-sets.ts';
import { makeSceneSet } from '../../data/src/digits-lt/scene-set.ts';
import { optdigits } from '../../data/src/optdigits.ts';
import { resnetTinyStatistics } from '../src/resnet-tiny.ts';
import { tinyClip } from '../src/text/tiny-clip.ts';
import { captionScene, falseNegatives } from './tiny-clip/captions.ts';
import { tinyTokenizerFile } from './tiny-clip/words.ts';
import { zeroShotAveragePrecision } from './tiny-clip/zero-shot.ts';
import { start, trainNetwork } from './train-network.ts';

const { epochs, scenes } = await start({ epochs: 24 });
const batchSize = 128;
const random = new RandomStreams(1);
const weightsFolder = new URL('../weights/', import.meta.url);
const tokenizerFile = tinyTokenizerFile();
const { clip, tokenizer } = tinyClip(tokenizerFile, random.stream('init'));
importState(
  clip.visual.trunk,
  readSafetensors(readFileSync(new URL('resnet-tiny.safetensors', weightsFolder))).tensors,
);

const train = captionedScenes('train', scenes);
const validation = captionedScenes('validation', 900);
const { present, columns } = train.labels;
const classesOf = (row: number): number[] => [...train.classes.keys()].filter((c) => present[row * columns + c] === 1);
const loader = new BatchLoader({
  dataset: {
    ...train,
    inputs: imageInputs(train.images, [
      { name: 'padAndShift', padding: 4 },
      { name: 'normalize', ...resnetTinyStatistics },
    ]),
  },
  sampler: new UniformSampler({ length: train.labels.rows, random: random.stream('shuffle') }),
  batchSize,
  dropLast: true,
  random,
});
await trainNetwork({
  network: clip,
  loader,
  epochs,
  learningRate: 4e-3,
  inputsOf({ inputs, indices }) {
    const shown = Array.from(indices, classesOf);
    const captions = shown.map((classes) => captionScene(classes, train.classes, random.stream('captions')));
    const tokens = tokenizer.tokenize(captions.map(({ text }) => text));
    const ids = tf.tensor2d(tokens.ids, [...tokens.shape], 'int32');
    return [inputs, ids, tf.tensor2d(falseNegatives(shown, captions), [batchSize, batchSize])];
  },
  lossOf: (images, ids, matches) => contrastiveLoss(clip.forward(images, ids).logits, matches),
  async onEpoch(epoch) {
    if (epoch % 10 === 0 && epoch < epochs) await report('validation', validation);
  },
});

const metadata = {
  // What loaders of the text tower alone can't read off the shapes.
  config: JSON.stringify({ text_config: { hidden_size: 64, num_attention_heads: 4 } }),
  engine: tf.getBackend(),
  ...(await report('validation', validation)),
  ...(await report('digits-lt', (await digitsLt({ unseenClasses: true })).test)),
};
const weights = writeSafetensors(await exportState(clip), { float32As: 'F16', metadata });
await writeFileAtomically(fileURLToPath(new URL('tiny-clip.safetensors', weightsFolder)), [weights]);
await writeFileAtomically(fileURLToPath(new URL('tiny-clip-tokenizer.json', weightsFolder)), [`${tokenizerFile}\n`]);

/**
 * CLIP's loss: each image picks its text among all of the batch, each text its image; the mean of both cross-entropies, in
 * nats. Pairs of `matches` take no part, since they are true though not the drawn ones.
 */
function contrastiveLoss(logits: tf.Tensor2D, matches: tf.Tensor): tf.Scalar {
  const masked = tf.sub(logits, tf.mul(matches, 1e4));
  const own = tf.eye(logits.shape[0]);
  const pick = (rows: tf.Tensor): tf.Tensor => tf.neg(tf.mean(tf.sum(tf.mul(logSoftmax(rows), own), 1)));
  return tf.mul(tf.add(pick(masked), pick(tf.transpose(masked))), 0.5) as tf.Scalar;
}

/** Scenes of the thirty classes of digits-lt, harder than its own, in the handwriting of the source task. */
function captionedScenes(split: 'train' | 'validation', scenes: number): SceneSet {
  const glyphs = optdigits();
  const { sourceTrain, sourceValidation } = dealGlyphs(glyphs);
  const streams = new RandomStreams(2);
  return makeSceneSet(
    {
      name: `digits-captioned@1/${split}`,
      inks: ['red', 'blue', 'green'],
      labelSets: balancedLabelSets(scenes, 30, streams.derive(`${split} labels`)),
      glyphs,
      pool: split === 'train' ? sourceTrain : sourceValidation,
      difficulty: {
        distractors: [0, 3],
        distractorInks: ['black', 'white', 'orange', 'azure'],
        scale: [14, 30],
        rotation: 0.2,
        inkVariation: 25,
        texture: 25,
      },
    },
    streams,
  );
}

async function report(name: string, set: SceneSet): Promise<Record<string, string>> {
  clip.eval();
  const { all, unseen } = await zeroShotAveragePrecision({ clip, tokenizer }, set);
  clip.train();
  const percent = (value: number): string => (100 * value).toFixed(2);
  console.log(`${name}: zero-shot mAP ${percent(all)}, of the ten green classes ${percent(unseen)}`);
  return { [`${name} mAP`]: all.toFixed(4), [`${name} green mAP`]: unseen.toFixed(4) };
}
