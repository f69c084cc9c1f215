import { embedClasses, mktTemplate, resnetTinyStatistics, type TinyClip } from '@ltml/backbone';
import { type Picture, resolvePipeline } from '@ltml/images';
import { combineStreams, labelStreams, localEvidence } from '@ltml/mkt';
import * as tf from '@tensorflow/tfjs-core';

/** Pixels that tiny-clip looks at, high and wide. */
export const imageSize = 64;

export interface Tag {
  readonly label: string;
  /** Relative to the other labels. */
  readonly score: number;
  /** [64] similarity of each place of the picture, 8 × 8, row by row. */
  readonly evidence: readonly number[];
}

const toInput = resolvePipeline([
  { name: 'resize', height: imageSize, width: imageSize },
  { name: 'normalize', ...resnetTinyStatistics },
]);

/** Ranks labels by how well they fit a picture; needs no training. */
export async function tagPicture(
  { clip, tokenizer }: TinyClip,
  picture: Picture,
  labels: readonly string[],
): Promise<Tag[]> {
  const embedded = await embedClasses(labels, { tokenizer, tower: clip.text, templates: [mktTemplate] });
  const { pixels } = toInput(picture);
  const { scores, evidence } = tf.tidy(() => {
    const texts = tf.tensor2d(embedded.data as Float32Array, embedded.shape as [number, number]);
    const image = clip.visual.forward(tf.tensor(pixels, [1, imageSize, imageSize, 3]));
    const scores = combineStreams(labelStreams(image, texts, { topK: 6 }));
    // [1, 64, C] → [C, 64]
    return { scores, evidence: tf.transpose(tf.squeeze<tf.Tensor2D>(localEvidence(image, texts), [0])) };
  });
  const values = await scores.data();
  const maps = await evidence.array();
  tf.dispose([scores, evidence]);
  const tags = labels.map((label, c) => ({ label, score: values[c], evidence: maps[c] }));
  return tags.sort((a, b) => b.score - a.score);
}
