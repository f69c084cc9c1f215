import { readFileSync } from 'node:fs';
import * as coop from '@ltml/coop';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  anything,
  belowOne,
  choice,
  count,
  describeOptions,
  flag,
  notNegative,
  number,
  type OptionsRow,
} from '../../tensor/test/describe-options.ts';
import { LetterTower, normal, tokenizer, width } from './support.ts';

const random = new RandomStream(1);
const textTower = new LetterTower();
const [labels, logits] = [tf.tensor2d([[1, 0]]), normal<tf.Rank.R2>([1, 2], 1)];
const embeddings = { absent: normal<tf.Rank.R2>([2, width], 2), present: normal<tf.Rank.R2>([2, width], 3) };

/** Every function, by the name of the type of its options. */
const rows: Readonly<Record<string, readonly OptionsRow[]>> = {
  CaptionLossOptions: [
    {
      call: (options) => coop.captionLoss(normal([1, 3, 2], 4), normal([2, 3, 2], 5), labels, options),
      valid: {},
      options: {
        shift: count(0, 2),
        margin: notNegative,
        reading: choice('paper', 'code'),
        classCounts: (value) => value === undefined,
        gamma: notNegative,
      },
    },
  ],
  ClassPromptsOptions: [
    {
      call: (options) => coop.classPrompts(['cat'], options),
      valid: { tokenizer },
      // The longest leave no room for the name, of which the error is.
      options: { tokenizer: anything, contextLength: count(1, tokenizer.contextLength) },
    },
  ],
  ClassTextsOptions: [
    {
      call: (options) => new coop.ClassTexts(['cat'], options),
      valid: { textTower, tokenizer, contextLength: 2, perClass: false, start: null, random: new RandomStreams(1) },
      options: {
        ...{ textTower: anything, tokenizer: anything, random: anything },
        contextLength: count(1, tokenizer.contextLength),
        perClass: flag,
        start: anything,
      },
    },
  ],
  LearnedContextOptions: [
    {
      call: (options) => new coop.LearnedContext(options),
      valid: { length: 2, width: 3, random },
      options: { length: count(), width: count(), classes: count(), random: anything },
    },
  ],
  PoolPlacesOptions: [
    {
      call: (options) => coop.poolPlaces(normal([1, 3, width], 6), embeddings, options),
      valid: {},
      options: { cosineScale: number(), outputScale: number() },
    },
  ],
  PresenceLossOptions: [
    {
      call: (options) => coop.presenceLoss(logits, labels, options),
      valid: {},
      options: {
        known: anything,
        gammaPositive: notNegative,
        gammaNegative: notNegative,
        clip: belowOne,
        weight: notNegative,
      },
    },
  ],
  VisionOnlyHeadOptions: [
    {
      call: (options) => new coop.VisionOnlyHead(options),
      valid: { features: 2, classes: 2, random },
      options: { features: count(), classes: count(), outputScale: number(), random: anything },
    },
  ],
};

describeOptions(rows, readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8'));
