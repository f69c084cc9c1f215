import { stat } from 'node:fs/promises';
import { encoderByName } from '@ltml/backbone';
import { type PublishedSet, publishedSets } from '@ltml/data';
import { readsTexts } from '../../learner.ts';
import { type ClipConfig, usualClip } from '../../parts/clip.ts';
import { methods } from '../../parts/methods.ts';
import { isObject } from '../../recipe/merge.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { tokenizerPath } from '../load-texts.ts';
import { weightsOf } from '../weights-of.ts';

/**
 * What a published row needs that is missing on this machine: data, encoder weights, and the files of class embeddings.
 * Each is a sentence that says how to get it. Downloads nothing.
 *
 * @param data whether the user gave a folder of data
 */
export async function missingForRow(recipe: Recipe, { data }: { readonly data: boolean }): Promise<readonly string[]> {
  const found = await Promise.all([missingData(recipe, data), missingWeights(recipe), missingVectors(recipe)]);
  const texts = await Promise.all((await clipsOf(recipe)).map(missingTexts));
  return [...found, ...texts].filter((sentence) => sentence !== undefined);
}

async function missingData({ data }: Recipe, isNamed: boolean): Promise<string | undefined> {
  const { source } = (publishedSets as Readonly<Record<string, PublishedSet>>)[data.name] ?? {};
  const published = source === undefined ? '' : `; the authors publish it at ${source}`;
  if (!isNamed) return `data: give the folder of ${data.name} with --data DIR${published}`;
  const stats = await stat(String(data.root)).catch(() => undefined);
  return stats?.isDirectory() ? undefined : `data: ${data.root} is no folder${published}`;
}

async function missingWeights({ encoder }: Recipe): Promise<string | undefined> {
  const { name = '', weights, run } = encoder;
  if (weights === 'none' || run !== undefined) return undefined;
  try {
    const { path } = await weightsOf(encoderByName(name), weights);
    if (path === undefined || (await isThere(path))) return undefined;
    return `weights of ${name}: ${path} does not exist`;
  } catch (error) {
    return `weights of ${name}: ${(error as Error).message}`;
  }
}

/** The CLIPs that a recipe needs for texts, or as a teacher. */
async function clipsOf({ method, encoder }: Recipe): Promise<ClipConfig[]> {
  const source: unknown = method.classEmbeddings;
  const ofTexts = isObject(source) && source.name === 'clip' && typeof source.encoder === 'string';
  const { needs } = await methods[method.name]();
  const clip = method.clip ?? (needs.teacher || readsTexts(needs, method.options) ? usualClip(encoder) : undefined);
  return [
    ...(ofTexts ? [{ ...source, name: source.encoder as string } as ClipConfig] : []),
    ...(clip && !method.classEmbeddings ? [clip] : []),
  ];
}

async function missingTexts({ name, weights, tokenizer }: ClipConfig): Promise<string | undefined> {
  const found = encoderByName(name);
  if (found.encoder.layouts.length === 0) return undefined;
  try {
    const { path } = weights === 'none' ? {} : await weightsOf(found, weights);
    if (tokenizer === undefined) await tokenizerPath(path);
    return undefined;
  } catch (error) {
    return `texts of ${name}: ${(error as Error).message}`;
  }
}

async function missingVectors({ method }: Recipe): Promise<string | undefined> {
  const source: unknown = method.classEmbeddings;
  if (!isObject(source) || source.name !== 'word-vectors') return undefined;
  const path = String(source.path);
  if (await isThere(path)) return undefined;
  const where = path.startsWith('GoogleNews')
    ? 'word2vec on Google News, as text: https://code.google.com/archive/p/word2vec'
    : 'glove.6B.300d.txt of https://nlp.stanford.edu/data/glove.6B.zip';
  return `word vectors: ${path} does not exist; give the file with --vectors FILE (${where})`;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
