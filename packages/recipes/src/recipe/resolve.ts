import type { Method } from '@ltml/tensor/contract';
import { losses } from '../parts/losses.ts';
import { defaultEmbeddings, defaultMethod, methodSchema } from '../parts/method-schema.ts';
import { methods } from '../parts/methods.ts';
import { publishedNames, publishedPictures } from '../parts/published-pictures.ts';
import { UsageError } from '../usage-error.ts';
import { checkRecipe } from './check.ts';
import { isObject, mergeLeaves, own } from './merge.ts';
import { defaultParts, type Recipe, recipeSchema } from './recipe.ts';
import { type Locate, placed } from './source.ts';

/**
 * Checks a recipe and fills in all defaults. Missing `method.options` come, leaf by leaf, from `method.preset`. Missing
 * parts, and missing options of parts, come from the default part. Without `loss`, the method's own loss is used.
 *
 * @param value an object as written in a recipe file, or the `value` of `readRecipe`
 * @param locate gives the place of an entry for messages; see `readRecipe`
 * @throws UsageError with place, entry and reason for each mistake
 */
export async function resolve(value: unknown, locate: Locate = () => 'recipe'): Promise<Recipe> {
  if (!isObject(value)) return checkRecipe({ value, locate }, recipeSchema(methodSchema(undefined)));
  const refuse = (entry: string, message: string): never => {
    throw new UsageError(placed(locate, [entry], message));
  };
  if (Object.hasOwn(value, 'extends')) refuse('extends', 'only works in files, since its path is relative to the file');
  const named = namedMethod(value.method);
  const part = isObject(named) ? await own(methods, String(named.name))?.() : undefined;
  const method = part && isObject(named) ? fillMethod(part, named) : named;
  const needs = part?.needs;
  const parts = Object.fromEntries(
    Object.entries(defaultParts).map(([entry, base]) => [
      entry,
      isOfRun(value[entry]) ? value[entry] : mergeLeaves(base, value[entry]),
    ]),
  );
  const pictures = await fillPictures(parts.pictures, locate);
  const loss = isObject(value.loss) ? losses.complete(value.loss) : (value.loss ?? null);
  if (needs?.loss === 'any' && loss === null) refuse('loss', `is missing; choose one of ${losses.names.join(', ')}`);
  if (needs?.loss === 'own' && loss !== null)
    refuse('loss', `should be left out, since ${part?.name} has its own loss`);
  const { features = needs?.images ? null : {} } = value;
  if (needs?.images && features !== null) {
    refuse('features', `should be null or left out: ${part?.name} needs pictures, not stored features`);
  }
  const filled = { ...value, ...parts, pictures, method, loss, features };
  const recipe = checkRecipe({ value: filled, locate }, recipeSchema(methodSchema(part)));
  if (recipe.features && recipe.mix) {
    refuse('mix', 'works on images, not on stored features: set features: null, which trains the encoder');
  }
  const { selection, select } = recipe.evaluation;
  if (select && selection === 'validation' && recipe.data.validation === null) {
    const remedy = 'set data.validation, or evaluation.selection: published, which selects on the test images';
    const message = `no images are held out to select by: ${remedy}`;
    throw new UsageError(placed(locate, ['evaluation', 'select'], message));
  }
  return recipe;
}

/** Whether the encoder comes from a run, which gives its name. */
function isOfRun(part: unknown): boolean {
  return isObject(part) && part.run !== undefined;
}

/** Adds the default name of the method. The check rejects values that are no objects. */
function namedMethod(method: unknown): unknown {
  return method === undefined || isObject(method) ? { name: defaultMethod, ...method } : method;
}

/** Lays the written method over its preset. */
function fillMethod({ presets, needs }: Method, written: Readonly<Record<string, unknown>>): unknown {
  const preset = written.preset ?? Object.keys(presets)[0];
  const options = own(presets, String(preset));
  const embeddings = needs.text === 'embeddings' && { classEmbeddings: defaultEmbeddings };
  return mergeLeaves({ preset, ...(options && { options }), ...embeddings }, written);
}

/** For pictures of a paper, adds the paper's size unless another one is written. */
async function fillPictures(written: unknown, locate: Locate): Promise<unknown> {
  const name = isObject(written) ? String(written.name) : '';
  if (!publishedNames.includes(name)) return written;
  const found = await publishedPictures(name);
  if (found) return mergeLeaves({ size: found.size }, written);
  throw new UsageError(
    placed(locate, ['pictures', 'name'], `the paper of ${name} does not say how pictures are prepared`),
  );
}
