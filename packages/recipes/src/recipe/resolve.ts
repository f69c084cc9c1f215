import { losses } from '../parts/losses.ts';
import { defaultEmbeddings, defaultMethod } from '../parts/method-schema.ts';
import { methods } from '../parts/methods.ts';
import { UsageError } from '../usage-error.ts';
import { checkRecipe } from './check.ts';
import { isObject, mergeLeaves, own } from './merge.ts';
import { defaultParts, type Recipe, recipeSchema } from './recipe.ts';
import type { Locate } from './source.ts';

/**
 * Checks a recipe and fills in its defaults. What `method.options` leaves open, leaf by leaf, comes from
 * `method.preset`, what a part leaves open from the part that is named by default; a loss that is not named is the method's
 * own.
 *
 * @param value as it was written: an object, or what `readRecipe` read
 * @param locate tells the place of an entry in messages; see `readRecipe`
 * @throws UsageError with place, entry and what is wrong for each mistake
 */
export function resolve(value: unknown, locate: Locate = () => 'recipe'): Recipe {
  if (!isObject(value)) return checkRecipe({ value, locate }, recipeSchema);
  const refuse = (entry: string, message: string): never => {
    throw new UsageError(`${locate([entry])}: ${entry}: ${message}`);
  };
  if (Object.hasOwn(value, 'extends')) refuse('extends', 'is for files: its path begins where the file is');
  const method = fillMethod(value.method);
  const needs = isObject(method) ? own(methods, String(method.name))?.needs : undefined;
  const parts = Object.fromEntries(
    Object.entries(defaultParts).map(([entry, base]) => [entry, mergeLeaves(base, value[entry])]),
  );
  const name = isObject(method) ? String(method.name) : '';
  const loss = isObject(value.loss) ? losses.complete(value.loss) : (value.loss ?? null);
  if (needs?.loss === 'any' && loss === null) refuse('loss', `should be named, one of ${losses.names.join(', ')}`);
  if (needs?.loss === 'own' && loss !== null) refuse('loss', `should be left out, ${name} has a loss of its own`);
  const { features = needs?.images ? null : {} } = value;
  if (needs?.images && features !== null) {
    refuse('features', `should be null or left out: ${name} looks at pictures, not at kept features`);
  }
  if (features !== null && value.mix) {
    refuse('mix', 'mixes images, not features that were computed once: set features: null, which trains the encoder');
  }
  const filled = { ...value, ...parts, method, loss, features };
  const recipe = checkRecipe({ value: filled, locate }, recipeSchema);
  const { selection, select } = recipe.evaluation;
  if (select && selection === 'validation' && recipe.data.validation === null) {
    const place = locate(['evaluation', 'select']);
    const remedy = 'set data.validation, or evaluation.selection: published, which looks at the test images';
    throw new UsageError(`${place}: evaluation.select: no images are held out to select by: ${remedy}`);
  }
  return recipe;
}

/** A method with its name, laid over what its preset says. What is no object is left to the check. */
function fillMethod(method: unknown): unknown {
  if (method !== undefined && !isObject(method)) return method;
  const named: Readonly<Record<string, unknown>> = { name: defaultMethod, ...method };
  const part = own(methods, String(named.name));
  if (!part) return named;
  const preset = named.preset ?? Object.keys(part.presets)[0];
  const options = own(part.presets, String(preset));
  const embeddings = part.needs.text === 'embeddings' && { classEmbeddings: defaultEmbeddings };
  return mergeLeaves({ preset, ...(options && { options }), ...embeddings }, named);
}
