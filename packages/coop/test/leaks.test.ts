import * as coop from '@ltml/coop';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describeLeaks, type LeakCase } from '../../tensor/test/describe-leaks.ts';
import { LetterTower, normal, noStatistics, tokenizer, width } from './support.ts';

const classes = ['dog', 'cat', 'bus'];
const task = { classes, statistics: { ...noStatistics, trainCount: 9, classCounts: [3, 3, 3] } };
const textTower = new LetterTower();
const texts = { textTower, tokenizer };
const places = normal<tf.Rank.R3>([2, 5, width], 1);
const features = normal<tf.Rank.R2>([2, width], 2);
const [absent, present] = [normal<tf.Rank.R2>([3, width], 3), normal<tf.Rank.R2>([3, width], 4)];
const [labels, known] = [tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3]), tf.tensor2d([1, 1, 0, 1, 0, 1], [2, 3])];
const logits = normal<tf.Rank.R2>([2, 3], 5);
const [captions, rows] = [normal<tf.Rank.R3>([2, 8, width], 6), normal<tf.Rank.R3>([3, 8, width], 7)];
const random = () => new RandomStreams(1);
const prompts = coop.classPrompts(classes, { tokenizer, contextLength: 3 });
const embedded = normal<tf.Rank.R3>([3, prompts.shape[1], width], 8);
const ids = coop.promptIds(prompts);
const context = new coop.LearnedContext({ length: 3, width, random: new RandomStream(1) });
const read = new coop.ClassTexts(classes, {
  ...texts,
  ...{ contextLength: 3, perClass: false, start: null, random: random() },
});
const head = new coop.VisionOnlyHead({ features: width, classes: 3, random: new RandomStream(1) });
const config = coop.coopConfigSchema.parse({ contextLength: { positive: 3, negative: 2 } });
const pair = new coop.ClassPair(classes, width, config, texts, random());
const learners = {
  coop: new coop.Coop(task, { features: width, ...texts }, config, random()),
  lmpt: new coop.Lmpt(
    task,
    { features: width, ...texts },
    coop.lmptConfigSchema.parse({ lambda: 1, contextLength: 3 }),
    random(),
  ),
  visionOnly: new coop.VisionOnly(task, { features: width }, coop.visionOnlyConfigSchema.parse({}), random()),
};
const parts = { contextLength: 3, contextStart: null, namePosition: 'middle', nameLength: 'all' } as const;
const classifier = new coop.PromptClassifier(classes, texts, parts, random());

const ops: Record<string, LeakCase> = {
  captionDistance: [captions, (x) => coop.captionDistance(x as tf.Tensor3D, rows, 2)],
  captionLoss: [captions, (x) => coop.captionLoss(x as tf.Tensor3D, rows, labels)],
  'captionLoss by counts': [
    rows,
    (x) => coop.captionLoss(captions, x as tf.Tensor3D, labels, { reading: 'code', classCounts: [5, 2, 1] }),
  ],
  cosineLogits: [features, (x) => coop.cosineLogits(x as tf.Tensor2D, present, 10)],
  'placeNames front': [embedded, (x) => coop.placeNames(x as tf.Tensor3D, prompts, 'front', 'first')],
  'placeNames end': [embedded, (x) => coop.placeNames(x as tf.Tensor3D, prompts, 'end', 'all')],
  poolPlaces: [places, (x) => coop.poolPlaces(x as tf.Tensor3D, { absent, present })],
  similarPlaces: [places, (x) => coop.similarPlaces(x as tf.Tensor3D, { present })],
  presenceLogits: [logits, (x) => coop.presenceLogits({ absent: x as tf.Tensor2D, present: logits })],
  presenceLoss: [logits, (x) => coop.presenceLoss(x as tf.Tensor2D, labels, { known })],
  promptIds: [null, () => coop.promptIds(prompts)],
  'LearnedContext.embed': [context.vectors.variable, () => context.embed(textTower, ids)],
  'ClassTexts.read': [read.vectors.variable, () => read.read()],
  'ClassTexts.readNames': [read.vectors.variable, () => read.readNames(['owl'])],
  'ClassPair.embeddings': [pair.positive!.vectors.variable, () => pair.embeddings()],
  'ClassPair.ofNames': [pair.negative!.vectors.variable, () => pair.ofNames(['owl', 'cat'])],
  'PromptClassifier.embedTokens': [classifier.context.vectors.variable, () => classifier.embedTokens()],
  'PromptClassifier.read': [classifier.context.vectors.variable, () => classifier.read()],
  VisionOnlyHead: [places, (x) => head.forward(x as tf.Tensor3D)],
  'VisionOnlyHead.scorePlaces': [places, (x) => head.scorePlaces(x as tf.Tensor3D)],
  'Coop.forward': [places, (x) => learners.coop.forward(x)],
  'Coop.predict': [places, (x) => learners.coop.predict(x)],
  'Coop.evidence': [places, (x) => learners.coop.evidence(x)],
  'Lmpt.forward': [features, (x) => learners.lmpt.forward(x)],
  'Lmpt.predict': [features, (x) => learners.lmpt.predict(x)],
  'VisionOnly.forward': [places, (x) => learners.visionOnly.forward(x)],
  'VisionOnly.predict': [places, (x) => learners.visionOnly.predict(x)],
};

describeLeaks({
  exported: coop,
  ops,
  others: [
    ...['classPrompts', 'coop', 'coopConfigSchema', 'coopPresets', 'lmpt', 'lmptConfigSchema', 'lmptPresets'],
    ...['visionOnly', 'visionOnlyConfigSchema', 'visionOnlyPresets'],
  ],
});
