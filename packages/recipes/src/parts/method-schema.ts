import type { Method } from '@ltml/tensor/contract';
import * as z from 'zod';
import { classEmbeddings } from './class-embeddings.ts';
import { type ClipConfig, clipSchema } from './clip.ts';
import { methods } from './methods.ts';
import type { NamedPart } from './part.ts';

/** The method of a recipe that names none. */
export const defaultMethod = 'classifier';

/** Default source of class embeddings, for methods that take them. */
export const defaultEmbeddings: NamedPart = { name: 'tiny-clip' };

/** A method in a resolved recipe. */
export interface MethodConfig {
  readonly name: string;
  readonly preset: string;
  readonly options: object;
  readonly classEmbeddings?: NamedPart;
  /** The CLIP whose image tower is the teacher and whose text tower reads labels, for methods that need one. */
  readonly clip?: ClipConfig;
}

/**
 * Schema of a recipe's method. Without a method (unknown name) it only checks the name, so that the error lists the
 * known ones.
 */
export function methodSchema(method: Method | undefined): z.ZodType<MethodConfig> {
  const schema = method ? schemaOf(method) : z.looseObject({ name: z.enum(Object.keys(methods)) });
  return schema as unknown as z.ZodType<MethodConfig>;
}

/** Schema of a recipe's method for any of several methods. */
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
    // Given instead of the CLIP's texts.
    ...(needs.text === 'tower' && { classEmbeddings: classEmbeddings.schema.optional() }),
    ...((needs.teacher || needs.text === 'tower') && { clip: clipSchema.optional() }),
  });
}
