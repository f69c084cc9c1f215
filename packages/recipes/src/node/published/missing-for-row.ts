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
 * What a row needs and what is not there, a sentence each with the way to get it: its data, the weights of its encoder, and
 * what its class names are embedded by. Nothing is fetched.
 *
 * @param data whether a folder of the data was named
 */
export async function missingForRow(recipe: Recipe, { data }: { readonly data: boolean }): Promise<readonly string[]> {
  const found = await Promise.all([missingData(recipe, data), missingWeights(recipe), missingVectors(recipe)]);
  const texts = await Promise.all((await clipsOf(recipe)).map(missingTexts));
  return [...found, ...texts].filter((sentence) => sentence !== undefined);
}

async function missingData({ data }: Recipe, isNamed: boolean): Promise<string | undefined> {
  const { source } = (publishedSets as Readonly<Record<string, PublishedSet>>)[data.name] ?? {};
  const published = source === undefined ? '' : `; its authors publish it at ${source}`;
  if (!isNamed) return `data: name the folder of ${data.name} with --data DIR${published}`;
  const stats = await stat(String(data.root)).catch(() => undefined);
  return stats?.isDirectory() ? undefined : `data: ${data.root} is no folder${published}`;
}

async function missingWeights({ encoder }: Recipe): Promise<string | undefined> {
  const { name = '', weights, run } = encoder;
  if (weights === 'none' || run !== undefined) return undefined;
  try {
    const { path } = await weightsOf(encoderByName(name), weights);
    if (path === undefined || (await isThere(path))) return undefined;
    return `weights of ${name}: ${path} is not there`;
  } catch (error) {
    return `weights of ${name}: ${(error as Error).message}`;
  }
}

/** The CLIPs whose texts or images a recipe needs. */
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
  return `word vectors: ${path} is not there; name the file with --vectors FILE (${where})`;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
