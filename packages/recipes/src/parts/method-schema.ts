import type { Method } from '@ltml/tensor/contract';
import * as z from 'zod';
import { classEmbeddings } from './class-embeddings.ts';
import { type ClipConfig, clipSchema } from './clip.ts';
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
  /** The CLIP whose image tower teaches and whose text tower reads labels, for methods that need one. */
  readonly clip?: ClipConfig;
}

/** What a recipe may say of a method; of a name that is none only that, and which there are. */
export function methodSchema(method: Method | undefined): z.ZodType<MethodConfig> {
  const schema = method ? schemaOf(method) : z.looseObject({ name: z.enum(Object.keys(methods)) });
  return schema as unknown as z.ZodType<MethodConfig>;
}

/** What a recipe may say of any of several methods. */
export function anyMethodSchema(loaded: readonly Method[]): z.ZodType<MethodConfig> {
  const [first, ...others] = loaded.map(schemaOf);
  return z.discriminatedUnion('name', [first, ...others]) as unknown as z.ZodType<MethodConfig>;
}

function schemaOf({ name, presets, configSchema, needs }: Method) {
  const names = Object.keys(presets);
  return z.strictObject({
    name: z.literal(name),
    preset: z.enum(names).default(names[0]),
    options: configSchema as z.ZodType<object>,
    ...(needs.text === 'embeddings' && { classEmbeddings: classEmbeddings.schema.prefault(defaultEmbeddings) }),
    // In place of texts.
    ...(needs.text === 'tower' && { classEmbeddings: classEmbeddings.schema.optional() }),
    ...((needs.teacher || needs.text === 'tower') && { clip: clipSchema.optional() }),
  });
}
