// Two methods one after the other: DSCL pretrains an encoder on single-label images. Then CPRFL's head is trained on it.
import { resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny } from '@ltml/backbone/node';
import { cprfl } from '@ltml/cprfl';
import { BatchLoader, contrastiveViews, digitsLt, digitsLtSingle, imageInputs, UniformSampler } from '@ltml/data';
import { Dscl, dsclPresets } from '@ltml/dscl';
import { useBackend } from '@ltml/engines';
import { RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';

await useBackend();
const random = new RandomStreams(1);
// Only the first images and one epoch per stage, for a quick trial.
const sampler = new UniformSampler({ length: 32, random: random.stream('shuffle') });
const batches = { sampler, batchSize: 16, random };
const [single, several] = [(await digitsLtSingle()).train, (await digitsLt()).train];
const encoder = await loadResnetTiny();

const { pretrain, classify, queue, ...paper } = dsclPresets.dscl;
const once = { epochs: 1, schedule: { name: 'constant', warmup: null } } as const;
const small = { viewSize: 32, queue: { ...queue, size: 64 } };
const config = { ...paper, ...small, pretrain: { ...pretrain, ...once }, classify: { ...classify, ...once } };
const task = { classes: single.classes, statistics: classStatistics(single.labels) };
const dscl = new Dscl(task, { encoder, keyEncoder: await loadResnetTiny(), features: 96 }, config, random);
const normalize = { name: 'normalize', ...resnetTinyStatistics } as const;
const views = contrastiveViews(single.images, { ...dscl.views, statistics: resnetTinyStatistics });
const loader = new BatchLoader({ ...batches, dataset: { ...single, inputs: views } });
const plain = { ...single, inputs: imageInputs(single.images, [normalize]) };
const stageLoaders = { classify: new BatchLoader({ ...batches, dataset: plain }) };
console.log(await fit({ learner: dscl, loader, stageLoaders, random }));

const classEmbeddings = tf.randomNormal<tf.Rank.R2>([several.classes.length, 16]);
const head = { ...cprfl.presets['voc-lt'], width: 32, epochs: 1, freeze: { parameters: '', statistics: '' } };
const next = { classes: several.classes, statistics: classStatistics(several.labels) };
const learner = cprfl.create(next, { encoder, features: 96, classEmbeddings }, head, random);
const images = { ...several, inputs: imageInputs(several.images, [normalize]) };
console.log(await fit({ learner, loader: new BatchLoader({ ...batches, dataset: images }), random }));
