import type * as z from 'zod';

/**
 * Finds where a schema has entries with a name, e.g. `epochs` in `method.options.epochs`.
 *
 * @param schema the schema to search, with all parts that it can choose from
 * @returns dotted paths of the entries that are nested least deeply; empty if there are none
 */
export function pathsTo(name: string, schema: z.core.$ZodType): string[] {
  let level = entriesOf(schema);
  while (level.length > 0) {
    const found = level.filter(([path]) => path === name || path.endsWith(`.${name}`)).map(([path]) => path);
    if (found.length > 0) return [...new Set(found)];
    level = level.flatMap(([path, entry]) =>
      entriesOf(entry).map(([key, inner]) => [`${path}.${key}`, inner] as Entry),
    );
  }
  return [];
}

type Entry = [path: string, schema: z.core.$ZodType];

function entriesOf(schema: z.core.$ZodType): Entry[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape);
    case 'union':
      return def.options.flatMap(entriesOf);
    case 'pipe':
      return [def.in, def.out].flatMap(entriesOf);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return entriesOf(def.innerType);
    default:
      return [];
  }
}
