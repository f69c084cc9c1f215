import { dirname, resolve } from 'node:path';
import type { PublishedRow } from '../../published/published-row.ts';
import { applySettings } from '../../recipe/settings.ts';
import type { RecipeSource } from '../../recipe/source.ts';
import { layOver, readWithParents } from '../extends.ts';
import { paperFiles } from './papers.ts';

/** Settings of a row's run that the paper does not give. */
export interface RowChanges {
  /** Folder of the data set. */
  readonly data?: string | undefined;
  /** Weights of the encoder, instead of the row's. */
  readonly weights?: string | undefined;
  /** File of word vectors, for rows that need one. */
  readonly vectors?: string | undefined;
  /** Share of the images, for a rehearsal. */
  readonly scale?: number | undefined;
  readonly seed?: number | undefined;
  /** `key=value` settings. They make it a different run from the paper's. */
  readonly settings?: readonly string[] | undefined;
}

interface Written {
  readonly method?: { readonly classEmbeddings?: { readonly name?: string } };
}

/** Path of the recipe that a row changes. */
export function recipeFileOf(row: PublishedRow): string {
  const { path } = paperFiles().find(({ paper }) => paper === row.paper) as { path: string };
  return resolve(dirname(path), row.recipe);
}

/** The recipe of a row, not checked yet. @throws UsageError with file and line */
export function rowRecipe(row: PublishedRow, changes: RowChanges = {}): RecipeSource {
  const { data, weights, vectors, scale, seed, settings = [] } = changes;
  const { value, locate } = row.settings;
  const named = { name: row.name.replaceAll('/', '-'), ...(value as object) };
  const source = layOver(readWithParents(recipeFileOf(row)), { value: named, locate });
  const { method } = source.value as Written;
  const takesVectors = method?.classEmbeddings?.name === 'word-vectors';
  const given = Object.entries({
    'data.root': data,
    'encoder.weights': weights,
    'method.classEmbeddings.path': takesVectors ? vectors : undefined,
    'data.share': scale,
    seed,
  });
  const own = given.flatMap(([key, entry]) => (entry === undefined ? [] : [`${key}=${JSON.stringify(entry)}`]));
  return applySettings(applySettings(source, own, 'reproduce:'), settings);
}
