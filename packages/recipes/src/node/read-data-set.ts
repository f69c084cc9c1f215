import type { DataSet } from '@ltml/data';
import * as z from 'zod';
import { datasets } from '../parts/datasets.ts';
import type { NamedPart } from '../parts/part.ts';
import { checkRecipe } from '../recipe/check.ts';
import { dataFiles } from './data-files.ts';
import { readRecipe } from './read-recipe.ts';

/** Of a recipe only what concerns the data; the rest is not looked at. */
const schema = z.object({ data: datasets.schema });

/**
 * The data set that a recipe's file names; no picture is opened.
 *
 * @param settings dotted keys laid over the file, see `readRecipe`
 * @throws UsageError by file and line; DataError by what is wrong with the data
 */
export async function readDataSet(file: string, settings: readonly string[] = []): Promise<DataSet> {
  return datasets.create(readDataPart(file, settings), dataFiles);
}

/** What a recipe's file says of its data, with its defaults. @throws UsageError by file and line */
export function readDataPart(file: string, settings: readonly string[] = []): NamedPart {
  return checkRecipe(readRecipe(file, settings), schema).data;
}
