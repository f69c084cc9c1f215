import * as z from 'zod';
import { anyMethodSchema } from '../parts/method-schema.ts';
import { methods } from '../parts/methods.ts';
import { recipeSchema } from './recipe.ts';

/**
 * JSON Schema of recipe files, for editors. No entry is required, since a preset or an extended file may have it.
 * `resolve` finds mistakes that only show in the complete recipe.
 */
export async function recipeJsonSchema(): Promise<Readonly<Record<string, unknown>>> {
  const all = await Promise.all(Object.values(methods).map((load) => load()));
  const { properties, ...schema } = z.toJSONSchema(recipeSchema(anyMethodSchema(all)), {
    io: 'input',
    // Schemas that occur in several places are written once, under $defs.
    reused: 'ref',
    override({ jsonSchema }) {
      delete jsonSchema.required;
      // Without a name, options may fit several parts.
      if (jsonSchema.oneOf) {
        jsonSchema.anyOf = jsonSchema.oneOf;
        delete jsonSchema.oneOf;
      }
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { method, ...others } = properties as Readonly<Record<string, unknown>>;
  const parent = {
    type: 'string',
    description: 'Path of a recipe, relative to this file. This recipe is laid over it',
  };
  return {
    ...schema,
    title: 'A recipe of LTML',
    properties: { extends: parent, ...others, method: withoutDefaults(method) },
  };
}

/** Removes the defaults: options of a method default to the values of the chosen preset. */
function withoutDefaults(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDefaults);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name]) => name !== 'default');
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutDefaults(value)]));
}
