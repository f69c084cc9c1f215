import { averagePrecision, countPredictions, logitAbove, precisionRecall } from '@ltml/metrics';
import { aboveShare, boxMask, refinePatches, tagclipScores } from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters } from '../../tensor/parity/adapter.ts';
import { channelsLast } from '../../tensor/parity/stored-module.ts';
import { storedTower } from './piaa.ts';

interface Options {
  readonly votes: number;
  readonly attention_layers: [number, number];
}

const boxes: ParityAdapter = (inputs) => {
  const [R, Q] = inputs.host('map').shape;
  return { mask: boxMask(inputs.numbers('map'), [R, Q], inputs.numbers('threshold')[0]) };
};

const refine: ParityAdapter = (inputs) => {
  const { votes, attention_layers: layers } = inputs.params as unknown as Options;
  const maps = tf.unstack(inputs.tensor('attention_maps')) as tf.Tensor2D[];
  const [rows, columns] = inputs.numbers('grid');
  return refinePatches(maps, inputs.tensor('coarse') as tf.Tensor2D, [rows, columns], { votes, layers });
};

const scores: ParityAdapter = (inputs) => {
  const { votes, attention_layers: layers } = inputs.params as unknown as Options;
  const { classes, relative_threshold, logit_scale } = inputs.params as Readonly<Record<string, number>>;
  const tower = storedTower(inputs);
  try {
    const image = channelsLast(inputs.tensor('image')) as tf.Tensor4D;
    const { first, ...others } = tagclipScores(tower, image, inputs.tensor('text') as tf.Tensor2D, {
      ...{ classes, votes, layers },
      relativeThreshold: relative_threshold,
      scale: logit_scale,
    });
    return { ...others, score_before_reid: first };
  } finally {
    tower.dispose();
  }
};

const metrics: ParityAdapter = (inputs) => {
  const given = inputs.tensor('scores') as tf.Tensor2D;
  const [rows, columns] = given.shape;
  const present = Uint8Array.from(inputs.numbers('labels'));
  const matrix = { rows, columns, present, scores: given.dataSync<'float32'>() };
  const above = aboveShare(given, inputs.params.relative_threshold as number).dataSync<'float32'>();
  const counts = countPredictions({ ...matrix, scores: above }, { decide: logitAbove(0) });
  const { overallF1, overallPrecision, overallRecall } = precisionRecall(counts);
  return {
    ap: averagePrecision(matrix, { emptyClasses: 'zero' }),
    f1: [overallF1],
    precision: [overallPrecision],
    recall: [overallRecall],
  };
};

export const tagclipAdapters: ParityAdapters = {
  tagclip_box_mask: boxes,
  tagclip_refine: refine,
  tagclip_scores: scores,
  tagclip_metrics: metrics,
};
