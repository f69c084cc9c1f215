// Writes recipe.schema.json, by which editors complete and check recipes. Part of `npm run lint` and of the build.
import { writeFileSync } from 'node:fs';
import { recipeJsonSchema } from '../src/recipe/json-schema.ts';

const file = new URL('../recipe.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(await recipeJsonSchema(), null, 2)}\n`);
