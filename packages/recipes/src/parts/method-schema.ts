import { z } from 'zod';
import { classEmbeddings } from './class-embeddings.ts';
import { methods } from './methods.ts';
import type { NamedPart } from './part.ts';

/** The name that a recipe without one means. */
export const defaultMethod = 'classifier';

/** Where embeddings of the class names come from unless a recipe says so, for methods that take them. */
export const defaultEmbeddings: NamedPart = { name: 'tiny-clip' };

/** A method as a recipe has it, resolved. */
export interface MethodConfig {
  readonly name: string;
  readonly preset: string;
  readonly options: object;
  readonly classEmbeddings?: NamedPart;
}

const variants = Object.entries(methods).map(([name, { presets, configSchema, needs }]) => {
  const names = Object.keys(presets) as [string, ...string[]];
  return z.strictObject({
    name: z.literal(name),
    preset: z.enum(names).default(names[0]),
    options: configSchema as z.ZodType<object>,
    ...(needs.text === 'embeddings' && { classEmbeddings: classEmbeddings.schema.prefault(defaultEmbeddings) }),
    // In place of texts.
    ...(needs.text === 'tower' && { classEmbeddings: classEmbeddings.schema.optional() }),
  });
});

export const methodSchema: z.ZodType<MethodConfig> = z.discriminatedUnion(
  'name',
  variants as [(typeof variants)[0]],
) as unknown as z.ZodType<MethodConfig>;
