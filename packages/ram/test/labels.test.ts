import { multiMatchingLoss } from '@ltml/ram';
import * as tf from '@tensorflow/tfjs-core';
import { describeLabels } from '../../tensor/test/describe-labels.ts';

const logits = tf.tensor2d([1, -2, 3, 0.5, 0, -1], [2, 3]);

describeLabels({ multiMatchingLoss: { run: (y, known) => multiMatchingLoss(logits, y, known), masked: true } });
