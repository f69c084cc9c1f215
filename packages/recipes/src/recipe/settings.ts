import { UsageError } from '../usage-error.ts';
import { deepest, parseRecipe } from './parse.ts';
import type { RecipeSource } from './source.ts';

/**
 * Lays `key=value` settings over a recipe.
 *
 * @param origin text before the key in errors: the option, or the file that the settings come from
 * @throws UsageError that names the setting
 */
export function applySettings(
  source: RecipeSource,
  settings: readonly string[],
  origin: string = '--set',
): RecipeSource {
  let value: unknown = source.value ?? {};
  const set: string[][] = [];
  for (const setting of settings) {
    const [, key, text] = /^([^=\s]+)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined) {
      throw new UsageError(`${origin} ${setting}: should be key=value, e.g. seed=2 or method.options.epochs=5`);
    }
    const path = key.split('.');
    if (path.length > deepest) throw new UsageError(`${origin} ${key}: should be nested at most ${deepest} deep`);
    value = withEntry(value, path, parseRecipe(text, `${origin} ${key}`).value);
    set.push(path);
  }
  return {
    ...source,
    value,
    locate(path) {
      const by = set.findLast((key) => key.length <= path.length && key.every((name, i) => name === String(path[i])));
      return by ? `${origin} ${by.join('.')}` : source.locate(path);
    },
  };
}

/** A copy of an object with one entry replaced. Missing objects on the path are made. */
function withEntry(value: unknown, [key, ...rest]: readonly string[], entry: unknown): unknown {
  const object = typeof value === 'object' && value !== null ? value : {};
  const old = Object.hasOwn(object, key) ? (object as Readonly<Record<string, unknown>>)[key] : undefined;
  const replaced = rest.length === 0 ? entry : withEntry(old, rest, entry);
  if (Array.isArray(object) && /^\d{1,4}$/.test(key)) return Object.assign([...object], { [key]: replaced });
  return { ...object, [key]: replaced };
}
