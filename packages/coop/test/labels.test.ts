import { captionLoss, presenceLoss } from '@ltml/coop';
import type * as tf from '@tensorflow/tfjs-core';
import { describeLabels } from '../../tensor/test/describe-labels.ts';
import { normal } from './support.ts';

const logits = normal<tf.Rank.R2>([2, 3], 1);
const [captions, prompts] = [normal<tf.Rank.R3>([2, 4, 3], 2), normal<tf.Rank.R3>([3, 4, 3], 3)];

describeLabels({
  presenceLoss: { run: (y, known) => presenceLoss(logits, y, known ? { known } : {}), masked: true },
  captionLoss: { run: (y) => captionLoss(captions, prompts, y) },
});
