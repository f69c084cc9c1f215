import type { PresetName } from './presets.ts';

/** Embeddings of the class names in the paper's rows. */
export interface PublishedEmbeddings {
  /** Of CLIP, the text tower of that model: "a photo of a {}.", not normalised. */
  readonly name: 'clip-rn50' | 'clip-vit-b16' | 'glove' | 'word2vec' | 'random';
  /** M; the paper gives none for random ones. */
  readonly width: number | null;
}

/** What the paper reports of a row: mAP in percent, ResNet-101 at 448 × 448, the best epoch by the test images. */
export interface PublishedRow {
  /** Where it stands, e.g. `Table 2`. */
  readonly source: string;
  readonly preset: PresetName;
  /** Null where the head has no prompts. */
  readonly embeddings: PublishedEmbeddings | null;
  readonly total: number;
  readonly head: number;
  readonly medium: number;
  readonly tail: number;
}

const rn50: PublishedEmbeddings = { name: 'clip-rn50', width: 1024 };
const vit: PublishedEmbeddings = { name: 'clip-vit-b16', width: 512 };
const glove: PublishedEmbeddings = { name: 'glove', width: 300 };
const word2vec: PublishedEmbeddings = { name: 'word2vec', width: 300 };
const random: PublishedEmbeddings = { name: 'random', width: null };

/**
 * All of the paper's rows of CPRFL and its ablations: what to train with, on which embeddings, and what came of it.
 *
 * How exact the numbers are: BCE and MLS are one function and differ by 1.15 and 0.29; GloVe on COCO-LT has two values.
 *
 * Source: CPRFL (ACM MM 2024), Tables 1–3 and Figure 3.
 */
export const publishedRows: readonly PublishedRow[] = [
  row('Table 1', 'voc-lt', rn50, [86.28, 81.84, 90.51, 86.43]),
  row('Table 1', 'voc-lt', glove, [85.14, 82.5, 90.42, 83.17]),
  row('Table 1', 'coco-lt', rn50, [66.69, 66.35, 70.99, 61.33]),
  row('Table 1', 'coco-lt', glove, [65.18, 65.12, 69.97, 58.91]),
  row('Table 2', 'voc-lt/bce', rn50, [79.6, 82.37, 88.95, 70.52]),
  row('Table 2', 'voc-lt/mls', rn50, [80.75, 82.44, 90.37, 72.26]),
  row('Table 2', 'voc-lt/cb-focal', rn50, [83.87, 80.32, 90.48, 81.54]),
  row('Table 2', 'voc-lt/db', rn50, [84.27, 82.64, 89.06, 81.89]),
  row('Table 2', 'voc-lt/db-focal', rn50, [86.18, 81.81, 90.01, 86.3]),
  row('Table 2', 'coco-lt/bce', rn50, [59.62, 61.48, 66.09, 49.47]),
  row('Table 2', 'coco-lt/mls', rn50, [59.91, 63.36, 66.19, 48.59]),
  row('Table 2', 'coco-lt/cb-focal', rn50, [64.2, 64.5, 69.36, 57.12]),
  row('Table 2', 'coco-lt/db', rn50, [64.28, 64.31, 69.62, 57.21]),
  row('Table 2', 'coco-lt/db-focal', rn50, [65.12, 63.74, 69.97, 59.91]),
  row('Table 3', 'voc-lt/baseline', null, [73.88, 69.41, 81.43, 71.56]),
  row('Table 3', 'voc-lt/vsi', rn50, [83.87, 80.32, 90.53, 81.54]),
  row('Table 3', 'voc-lt/vsi-pi', rn50, [84.24, 80.78, 90.47, 82.16]),
  row('Table 3', 'coco-lt/baseline', null, [49.46, 49.8, 54.77, 42.14]),
  row('Table 3', 'coco-lt/vsi', rn50, [63.87, 63.55, 69.01, 57.36]),
  row('Table 3', 'coco-lt/vsi-pi', rn50, [64.27, 64.3, 69.62, 57.2]),
  row('Figure 3', 'coco-lt', random, [63.9, 63.9, 68.8, 57.4]),
  row('Figure 3', 'coco-lt', word2vec, [65.3, 64.8, 70.3, 59.2]),
  row('Figure 3', 'coco-lt', glove, [65.6, 65, 70.6, 59.5]),
  row('Figure 3', 'coco-lt', rn50, [66.7, 66.4, 71, 61.3]),
  row('Figure 3', 'coco-lt', vit, [66.8, 66.6, 71.5, 61]),
];

function row(
  source: string,
  preset: PresetName,
  embeddings: PublishedEmbeddings | null,
  [total, head, medium, tail]: readonly [total: number, head: number, medium: number, tail: number],
): PublishedRow {
  return { source, preset, embeddings, total, head, medium, tail };
}
