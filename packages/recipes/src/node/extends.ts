import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { defaultMethod } from '../parts/method-schema.ts';
import { isObject, mergeLeaves, own, type Replaced, replacedBy } from '../recipe/merge.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { defaultParts } from '../recipe/recipe.ts';
import { type Path, placed, type RecipeSource } from '../recipe/source.ts';
import { UsageError } from '../usage-error.ts';
import { readText } from './read-text.ts';

/**
 * Reads a recipe file. If it `extends` another file, its entries are laid over those of that file, and so on.
 *
 * @param children files that extend this one
 * @throws UsageError with file and line of a mistake, of a missing parent, or of files that extend each other in a
 * circle
 */
export function readWithParents(file: string, children: readonly string[] = []): RecipeSource {
  const source = parseRecipe(readText(file), file);
  if (!isObject(source.value) || !Object.hasOwn(source.value, 'extends')) return source;
  const { extends: named, ...value } = source.value;
  const refuse = (message: string): never => {
    throw new UsageError(`${source.locate(['extends'])}: extends: ${message}`);
  };
  if (typeof named !== 'string' || named === '') return refuse('should be the path of a recipe, relative to this file');
  const path = isAbsolute(named) ? named : join(dirname(file), named);
  const line = [...children, file];
  const real = realPathOf(path) ?? refuse(`${path} does not exist`);
  const again = line.findIndex((child) => realPathOf(child) === real);
  if (again >= 0) return refuse(`goes round in a circle: ${[...line.slice(again), path].join(' → ')}`);
  const parent = readWithParents(path, line);
  if (parent.value !== null && !isObject(parent.value)) {
    throw new UsageError(`${parent.locate([])}: should have entries, e.g. seed: 1`);
  }
  return layOver(parent, { ...source, value });
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Lays a recipe over its parent. Each entry is located where it was written last. If the child has a part of another
 * name, the options of the parent's part are left out, with a note.
 */
export function layOver(parent: RecipeSource, child: RecipeSource): RecipeSource {
  const base = withNames(renamed(parent.value, child.value));
  const noteOn = ({ path, names: [before, now], gone }: Replaced): string => {
    const from = parent.locate([...path, gone[0]]);
    const message = `${now} replaces ${before}, without its ${gone.join(', ')} (${from}); repeat the entries that should stay`;
    return placed(child.locate, path, message);
  };
  return {
    value: mergeLeaves(base, child.value),
    locate: (path) => (depth(child.value, path) < depth(parent.value, path) ? parent : child).locate(path),
    notes: [...(parent.notes ?? []), ...replacedBy(base, child.value).map(noteOn)],
  };
}

/** A recipe's own name belongs to its file. Unlike the name of a part, it does not decide which entries there are. */
function renamed(value: unknown, child: unknown): unknown {
  if (!isObject(value) || !isObject(child) || !Object.hasOwn(child, 'name')) return value;
  const { name: _, ...entries } = value;
  return entries;
}

/** Adds the default names of parts, so that options are not laid over those of another part. */
function withNames(value: unknown): unknown {
  if (!isObject(value)) return value;
  const named = Object.entries({ ...defaultParts, method: { name: defaultMethod } }).flatMap(([entry, base]) => {
    const part = own(value, entry);
    return isObject(part) ? [[entry, { ...base, ...part }] as const] : [];
  });
  return { ...value, ...Object.fromEntries(named) };
}

/** How many keys of a path exist. */
function depth(value: unknown, [key, ...rest]: Path): number {
  if (key === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return 0;
  return 1 + depth((value as Readonly<Record<PropertyKey, unknown>>)[key], rest);
}
