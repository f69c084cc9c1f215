// Reads pictures and a table of labels, some of them unknown, and trains a head on frozen features.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny } from '@ltml/backbone/node';
import { classifier } from '@ltml/classifier';
import { BatchLoader, denseLabels, imageInputs, UniformSampler } from '@ltml/data';
import { fileDataSet, readTable } from '@ltml/data/node';
import { useBackend } from '@ltml/engines';
import { partialBinaryCrossEntropy } from '@ltml/losses';
import { RandomStreams } from '@ltml/tensor';
import type { Criterion } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import { cacheFeatures, fit } from '@ltml/train';
import sharp from 'sharp';

// Replace this by your own folder. A cell is 1 (present), 0 (absent) or ? (unknown).
const root = mkdtempSync(join(tmpdir(), 'pictures-'));
for (const [name, background] of Object.entries({ a: 'red', b: 'blue', c: 'purple', d: 'maroon' })) {
  await sharp({ create: { width: 80, height: 60, channels: 3, background } }).toFile(join(root, `${name}.png`));
}
writeFileSync(join(root, 'labels.csv'), 'path,warm,cold\na.png,1,0\nb.png,0,1\nc.png,?,1\nd.png,1,?\n');

const { classes, splits } = fileDataSet(await readTable({ root, file: 'labels.csv' }), { name: 'colours' });
const labels = denseLabels(splits.train.labels);
const resize = { name: 'resize', height: 64, width: 64 } as const;
const inputs = imageInputs(splits.train.pictures, [resize, { name: 'normalize', ...resnetTinyStatistics }]);
const names = classes.map(({ name }) => name);
const images = { name: 'colours', classes: names, labels, inputs };
await useBackend();
const encoder = await loadResnetTiny();
const dataset = await cacheFeatures((x) => encoder.forward(x).features, images); // the encoder is frozen: computed once

const random = new RandomStreams(1);
const criterion: Criterion = (logits, y, known) => partialBinaryCrossEntropy(logits, y, { known });
const task = { classes: names, statistics: classStatistics(labels) };
const learner = classifier.create(task, { criterion, features: 96 }, classifier.presets.linear, random);
const sampler = new UniformSampler({ length: 4, random: random.stream('shuffle') });
console.log(await fit({ learner, loader: new BatchLoader({ dataset, sampler, batchSize: 2, random }), random }));
