// Ranks any labels for pictures, without training: `node --import tsx open-vocabulary.ts PICTURE… --labels "red three, blue six"`.
// tiny-clip knows only digits in three colours. `loadClip` of @ltml/backbone loads a CLIP of full size.
import { parseArgs } from 'node:util';
import { embedClasses, mktTemplate, resnetTinyStatistics } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { useBackend } from '@ltml/engines';
import { resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { combineStreams, labelStreams } from '@ltml/mkt';
import * as tf from '@tensorflow/tfjs-core';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { labels: { type: 'string' } } });
const names = (values.labels ?? 'red three, green seven, blue six').split(',').map((name) => name.trim());

await useBackend();
const { clip, tokenizer } = await loadTinyClip();
const { data, shape } = await embedClasses(names, { tokenizer, tower: clip.text, templates: [mktTemplate] });
const texts = tf.tensor2d(data as Float32Array, shape as [number, number]);
const toInput = resolvePipeline([
  { name: 'resize', height: 64, width: 64 },
  { name: 'normalize', ...resnetTinyStatistics },
]);
for (const path of positionals) {
  const { pixels } = toInput(await decodeImage(path, { mode: 'upright' }));
  const scores = tf.tidy(() => {
    const image = clip.visual.forward(tf.tensor(pixels, [1, 64, 64, 3]));
    return combineStreams(labelStreams(image, texts, { topK: 6 })); // these scores only rank the given labels
  });
  const ranked = names.map((name, c) => [name, scores.dataSync()[c]] as const).sort((a, b) => b[1] - a[1]);
  console.log(path, ranked.map(([name, score]) => `${name} ${score.toFixed(3)}`).join(', '));
  scores.dispose();
}
