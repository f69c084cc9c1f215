import { z } from 'zod';

/** An object of a configuration: unknown keys are refused with a list of the known ones. */
export function section<const S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown ${issue.keys.map((key) => `"${key}"`).join(', ')}; known: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** One named thing out of several, with its own options beside the name: `{ name: cosine, warmup: 100 }`. */
export interface Choice<S extends z.ZodRawShape, Built> {
  readonly options: S;
  create: Built;
}
