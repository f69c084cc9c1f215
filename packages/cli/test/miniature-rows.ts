import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedRow, Recipe } from '@ltml/recipes/node';
import { classNamesOf } from '../src/run/miniatures/class-names.ts';
import { writeMiniature } from '../src/run/miniatures/miniatures.ts';

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

/**
 * Settings that make a row small: a network of the same kind (`resnet-tiny` for ResNets; `tiny-clip` for transformers, and as
 * CLIP), narrow heads, pictures of 32 pixels, a few steps a stage.
 */
export function smallSettings({ name }: Pick<PublishedRow, 'name'>, written: Recipe): string[] {
  const { method, data } = written;
  const options = method.options as { vsi?: object | null; distil?: { fixLayer: number } };
  const settings: Record<string, unknown> = {
    'pictures.size': 32,
    steps: method.name === 'mkt' || method.name === 'dscl' ? 4 : 2,
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
    classifier: { encoder: { name: 'resnet-tiny' }, 'method.options.neck.width': 16, batchSize: 8 },
    dscl: {
      encoder: { name: 'resnet-tiny', weights: 'none' },
      'method.options.dimension': 8,
      'method.options.queue.size': 64,
      'method.options.viewSize': 32,
      'method.options.patches.size': 16,
      batchSize: { pretrain: 8, classify: 8 },
    },
    mkt: {
      encoder: { name: 'tiny-clip' },
      'method.clip': { name: 'tiny-clip' },
      ...(options.distil && options.distil.fixLayer > 0 && { 'method.options.distil.fixLayer': 2 }),
      batchSize: { distil: 8, prompt: 8 },
    },
  };
  Object.assign(settings, perMethod[method.name]);
  return Object.entries(settings).map(([entry, value]) => `${entry}=${JSON.stringify(value)}`);
}
