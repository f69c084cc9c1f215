import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ZooEncoder, zoo } from '@ltml/backbone';
import type { PublishedRow, Recipe } from '@ltml/recipes/node';
import { smallClip } from '../../recipes/test/small-clip-encoder.ts';
import { classNamesOf } from '../src/run/miniatures/class-names.ts';
import { writeMiniature } from '../src/run/miniatures/miniatures.ts';

/** A transformer of OpenAI's kind at a hundredth of its size, in the zoo while a test file runs: `tiny-clip` has no blocks. */
const smallTransformer: ZooEncoder = {
  ...smallClip,
  name: 'small_transformer',
  weights: [],
};
(zoo as ZooEncoder[]).push(smallTransformer);

/** Folders of the miniatures that were asked for, made once. */
export class MiniatureFolders {
  readonly #folder: string;
  readonly #made = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  of(set: string): Promise<string> {
    const made = this.#made.get(set) ?? this.#make(set);
    this.#made.set(set, made);
    return made;
  }

  async #make(name: string): Promise<string> {
    const folder = join(this.#folder, name);
    await writeMiniature(folder, name);
    return folder;
  }
}

/** Word vectors of 8 numbers for the words of all classes. */
export function writeVectors(file: string): string {
  const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const names = [...classNamesOf('voc07'), ...classNamesOf('coco17'), ...digits, 'red', 'blue', 'green', 'again'];
  const words = [...new Set(names.flatMap((name) => name.split(/[ -]/)))];
  const vector = (i: number) => Array.from({ length: 8 }, (_, k) => (((7 * i + 3 * k) % 11) / 11 - 0.5).toFixed(3));
  writeFileSync(file, words.map((word, i) => `${word} ${vector(i).join(' ')}\n`).join(''));
  return file;
}

/** What a miniature has otherwise than its set: it is too small to draw VOC-MLT from, and has 20 object names. */
const ofMiniature: Readonly<Record<string, object>> = {
  'voc-mlt': { lists: { train: 'voc-mlt.txt' } },
  vg: { classes: 20 },
};

/** What of the options says how a row is made small. */
interface Options {
  readonly vsi?: object | null;
  readonly distil?: { readonly fixLayer: number };
  readonly classesAtOnce?: number | null;
}

/** Pictures of 32 pixels; where crops of a larger one are taken, of 36. */
function smallPictures({ name, train, test }: Recipe['pictures']): Record<string, unknown> {
  if (name !== 'steps') return { 'pictures.size': 32 };
  const small = (steps: unknown): unknown =>
    (steps as readonly Record<string, unknown>[]).map((step) => {
      const sides = ['size', 'height', 'width', 'shorterSide'].filter((side) => side in step);
      const isLarger =
        step.shorterSide !== undefined && (steps as readonly { name: string }[]).at(-1)?.name === 'fiveCrops';
      return { ...step, ...Object.fromEntries(sides.map((side) => [side, isLarger ? 36 : 32])) };
    });
  return { 'pictures.train': small(train), ...(test !== undefined && { 'pictures.test': small(test) }) };
}

/**
 * Settings that make a row small: a network of the same kind (`resnet-tiny` for ResNets; `tiny-clip` for transformers, and as
 * CLIP), narrow heads, pictures of 32 pixels, a few steps a stage.
 */
export function smallSettings({ name }: Pick<PublishedRow, 'name'>, written: Recipe): string[] {
  const { method, data } = written;
  const options = method.options as Options;
  const settings: Record<string, unknown> = {
    ...smallPictures(written.pictures),
    steps: method.name === 'mkt' || method.name === 'dscl' ? 6 : 3,
    'evaluation.batchSize': 16,
    'evaluation.every': 1,
  };
  for (const [entry, value] of Object.entries(ofMiniature[data.name] ?? {})) settings[`data.${entry}`] = value;
  if (method.classEmbeddings?.name === 'clip')
    settings['method.classEmbeddings'] = { name: 'clip', encoder: 'tiny-clip' };
  const perMethod: Record<string, Record<string, unknown>> = {
    cprfl: {
      encoder: { name: 'resnet-tiny' },
      'method.options.width': 16,
      ...(options.vsi && { 'method.options.vsi': { heads: 2, headWidth: 4, hiddenWidth: 8 } }),
      batchSize: 8,
    },
    sarb: {
      encoder: { name: 'resnet-tiny', mapPool: 2 },
      'method.options.features': 16,
      ...(!name.includes('/masks') && { 'method.options.attention.innerFeatures': 8 }),
      'method.options.blending.from': 0,
      batchSize: 8,
    },
    'semantic-transfer': {
      encoder: { name: 'resnet-tiny', mapPool: 2 },
      'method.options.features': 16,
      'method.options.attention.innerFeatures': 8,
      'method.options.intra': { pairFeatures: 8, hiddenFeatures: 16 },
      batchSize: 8,
    },
    classifier: { encoder: { name: 'resnet-tiny' }, 'method.options.neck.width': 16, batchSize: 8 },
    dscl: {
      encoder: { name: 'resnet-tiny', weights: 'none' },
      'method.options.dimension': 8,
      'method.options.queue.size': 64,
      'method.options.viewSize': 16,
      'method.options.patches.size': 8,
      'method.options.patches.count': 2,
      batchSize: { pretrain: 8, classify: 8 },
    },
    mkt: {
      encoder: { name: 'tiny-clip' },
      'method.clip': { name: 'tiny-clip' },
      ...(options.distil && options.distil.fixLayer > 0 && { 'method.options.distil.fixLayer': 2 }),
      batchSize: { distil: 8, prompt: 8 },
    },
    'mlc-nc': {
      encoder: { name: 'resnet-tiny' },
      ...{ 'method.options.width': 80, 'method.options.heads': 2, 'method.options.projection': 4 },
      'method.options.alignmentEpochs': 0,
      batchSize: 8,
    },
    coop: {
      encoder: { name: 'tiny-clip' },
      'method.options.contextLength': { positive: 2, negative: 2 },
      ...(options.classesAtOnce && { 'method.options.classesAtOnce': 10 }),
      batchSize: 8,
    },
    'vision-only': { encoder: { name: 'tiny-clip' }, batchSize: 8 },
    lmpt: { encoder: { name: 'tiny-clip' }, 'method.options.contextLength': 2, batchSize: 8 },
    lift: {
      encoder: { name: 'small_transformer', weights: 'none' },
      'method.classEmbeddings': { name: 'random', width: 6 },
      batchSize: 8,
    },
    'lift-head': { encoder: { name: 'tiny-clip' }, batchSize: 8 },
    ram: { encoder: { name: 'tiny-clip' }, batchSize: 8 },
    // Inner layers of a large tower; of few images some classes have no patch.
    piaa: { encoder: { name: 'tiny-clip' }, 'method.options.patches': 'plain', 'method.options.onEmpty': 'first' },
    sparc: { encoder: { name: 'tiny-clip' }, batchSize: 8 },
    tagclip: {
      encoder: { name: 'small_transformer', weights: 'none' },
      'method.classEmbeddings': { name: 'random', width: 6 },
      'method.options.layers': [0, 1],
    },
  };
  Object.assign(settings, perMethod[method.name]);
  return Object.entries(settings).map(([entry, value]) => `${entry}=${JSON.stringify(value)}`);
}
