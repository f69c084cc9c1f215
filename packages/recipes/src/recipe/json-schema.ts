import * as z from 'zod';
import { anyMethodSchema } from '../parts/method-schema.ts';
import { methods } from '../parts/methods.ts';
import { recipeSchema } from './recipe.ts';

/**
 * JSON Schema of a recipe's file, for editors. Any entry may be left out, since a preset or a parent may have it; what
 * `resolve` alone can tell, it tells.
 */
export async function recipeJsonSchema(): Promise<Readonly<Record<string, unknown>>> {
  const all = await Promise.all(Object.values(methods).map((load) => load()));
  const { properties, ...schema } = z.toJSONSchema(recipeSchema(anyMethodSchema(all)), {
    io: 'input',
    // What stands in several places is written once, under $defs.
    reused: 'ref',
    override({ jsonSchema }) {
      delete jsonSchema.required;
      // Without a name, options may be those of several parts.
      if (jsonSchema.oneOf) {
        jsonSchema.anyOf = jsonSchema.oneOf;
        delete jsonSchema.oneOf;
      }
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { method, ...others } = properties as Readonly<Record<string, unknown>>;
  const parent = { type: 'string', description: 'A recipe, by its path from this file, over which this one is laid' };
  return {
    ...schema,
    title: 'A recipe of LTML',
    properties: { extends: parent, ...others, method: withoutDefaults(method) },
  };
}

/** Options of a method have the values of its preset, whichever that is. */
function withoutDefaults(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDefaults);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name]) => name !== 'default');
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutDefaults(value)]));
}
