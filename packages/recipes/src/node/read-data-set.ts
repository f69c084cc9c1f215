import type { DataSet } from '@ltml/data';
import * as z from 'zod';
import { datasets } from '../parts/datasets.ts';
import type { NamedPart } from '../parts/part.ts';
import { checkRecipe } from '../recipe/check.ts';
import { dataFiles } from './data-files.ts';
import { readRecipe } from './read-recipe.ts';

/** Only the `data` of a recipe is checked. */
const schema = z.object({ data: datasets.schema });

/**
 * Reads the data set that a recipe file names. Opens no picture.
 *
 * @param settings `key=value` settings laid over the file, see `readRecipe`
 * @throws UsageError with file and line, for a wrong recipe
 * @throws DataError for wrong data
 */
export async function readDataSet(file: string, settings: readonly string[] = []): Promise<DataSet> {
  return datasets.create(readDataPart(file, settings), dataFiles);
}

/** Reads the `data` of a recipe file, with defaults. @throws UsageError with file and line */
export function readDataPart(file: string, settings: readonly string[] = []): NamedPart {
  return checkRecipe(readRecipe(file, settings), schema).data;
}
