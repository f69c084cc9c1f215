// CPRFL's head on the patches of a small vision transformer, with the Distribution-Balanced loss and class-aware sampling.
import { embedClasses, resnetTinyStatistics, VisionTransformer } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { cprfl } from '@ltml/cprfl';
import { BatchLoader, ClassAwareSampler, digitsLt, imageInputs, indexByClass } from '@ltml/data';
import { useBackend } from '@ltml/engines';
import { distributionBalancedLoss, presets } from '@ltml/losses';
import { RandomStreams } from '@ltml/tensor';
import type { Criterion } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';

await useBackend();
const { train } = await digitsLt();
const random = new RandomStreams(1);
const statistics = classStatistics(train.labels);
const { clip, tokenizer } = await loadTinyClip();
const { data, shape } = await embedClasses(train.classes, { tokenizer, tower: clip.text });
const classEmbeddings = tf.tensor2d(data as Float32Array, shape as [number, number]);

// Random weights, for a quick trial. `loadVisionTransformer` loads weights of timm.
const vit = { imageSize: 64, patchSize: 16, width: 48, depth: 2, heads: 4 };
const encoder = new VisionTransformer(vit, random.stream('encoder'));
const criterion: Criterion = (logits, labels, known) =>
  distributionBalancedLoss(logits, labels, statistics, { ...presets.vocMlt['DB-Focal'], known });
const config = { ...cprfl.presets['voc-lt'], width: 32, epochs: 1 };
const parts = { encoder, features: 48, classEmbeddings, criterion };
const learner = cprfl.create({ classes: train.classes, statistics }, parts, config, random);

const draws = { indexByClass: indexByClass(train.labels), random: random.stream('shuffle'), epochLength: 64 };
const inputs = imageInputs(train.images, [{ name: 'normalize', ...resnetTinyStatistics }]);
const dataset = { ...train, inputs };
const loader = new BatchLoader({ dataset, sampler: new ClassAwareSampler(draws), batchSize: 16, random });
console.log(await fit({ learner, loader, random }));
