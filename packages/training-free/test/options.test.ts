import { readFileSync } from 'node:fs';
import * as free from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import {
  anything,
  choice,
  count,
  describeOptions,
  flag,
  notNegative,
  number,
  type OptionsRow,
  positive,
  share,
} from '../../tensor/test/describe-options.ts';
import { normal, towerFeatures, towerOf, unitRows } from './support.ts';

const D = towerFeatures;
const [three, twelve] = [towerOf(3), towerOf(12)];
const [text, image] = [unitRows(3, D, 1), normal<tf.Rank.R4>([1, 16, 16, 3], 2)];
const patches = normal<tf.Rank.R2>([12, D], 3);
const bank = free.addToBank(free.emptyBank(3, 4, D), free.patchClasses(patches, text));
const tokens = { features: normal<tf.Rank.R2>([1, D], 4), patches: normal<tf.Rank.R3>([1, 4, D], 5) };
const classes = { text, weight: normal<tf.Rank.R2>([D, 3], 6), bias: normal<tf.Rank.R1>([3], 7) };
const cosines = (columns: number, seed: number) => normal<tf.Rank.R2>([6, columns], seed);
const sparc = { ensemble: cosines(3, 8), simple: cosines(3, 9), compound: cosines(2, 10) };
const maps = [tf.fill<tf.Rank.R2>([4, 4], 0.25), tf.eye(4)];
const refine = { votes: count(), layers: (value: unknown) => value === undefined, fullBoxes: flag };

/** Every function, by the name of the type of its options. */
const rows: Readonly<Record<string, readonly OptionsRow[]>> = {
  BoxOptions: [
    {
      call: (options) => free.boxMask([0, 1, 0, 0], [2, 2], 0.5, options),
      valid: {},
      options: { fullBoxes: flag },
    },
  ],
  LearnOptions: [
    {
      call: (options) => free.learnFromBank(bank, text, options),
      valid: { temperature: 0.01, onEmpty: 'first' },
      options: { temperature: positive, passes: count(1, 2), onEmpty: choice('throw', 'first') },
    },
  ],
  MatchOptions: [
    {
      call: (options) => free.matchClasses(['a cat'], ['cat'], options),
      valid: {},
      options: { renames: anything },
    },
  ],
  OutlierOptions: [
    {
      call: (options) => free.patchOutliers(tokens.patches, options),
      valid: {},
      options: { neighbours: count(), share },
    },
  ],
  PatchClassesOptions: [
    {
      call: (options) => free.patchClasses(patches, text, options),
      valid: {},
      options: { entropyScale: positive },
    },
  ],
  RefineOptions: [
    {
      call: (options) => free.refinePatches(maps, tf.fill([4, 2], 0.5), [2, 2], options),
      valid: { layers: [0, 1] },
      options: { ...refine, layers: (value) => Array.isArray(value) && value.length === 2 },
    },
  ],
  ScclipOptions: [
    {
      call: (options) => free.scclipPatches(twelve, image, options),
      valid: {},
      options: {
        similarityFrom: number((value) => value >= -1 && value <= 1),
        classWeight: number(),
        similarityScale: notNegative,
        neighbours: count(),
        share,
        coupled: flag,
      },
    },
  ],
  ScoreOptions: [
    {
      call: (options) => free.piaaScore(tokens, classes, options),
      valid: { imageScale: 80, patchScale: 200 },
      options: {
        imageScale: notNegative,
        patchScale: notNegative,
        gaussianTemperature: positive,
        imageWeight: share,
      },
    },
  ],
  SparcOptions: [
    {
      call: (options) => free.sparcScores(sparc, [[0], [1], []], options),
      valid: {},
      options: { mix: share },
    },
  ],
  TagclipOptions: [
    {
      call: (options) => free.tagclipScores(three, image, text, options),
      valid: { layers: [1, 2], votes: 1 },
      options: {
        ...{ ...refine, layers: (value: unknown) => Array.isArray(value) && value.length === 2 },
        classes: count(1, 3),
        scale: positive,
        reidentify: flag,
        relativeThreshold: share,
      },
    },
  ],
};

describeOptions(rows, readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8'));
