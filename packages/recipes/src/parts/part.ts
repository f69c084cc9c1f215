import * as z from 'zod';
import { mergeLeaves, own } from '../recipe/merge.ts';

/** Something that a recipe can name, with the options that stand beside the name. */
export interface Part<Shape extends z.ZodRawShape, Context, Built> {
  readonly options: Shape;
  create(options: z.infer<z.ZodObject<Shape>>, context: Context): Built;
  /** What options are laid over, leaf by leaf, e.g. a preset that one of them names. */
  base?(options: Readonly<Record<string, unknown>>): object;
}

/** Helps TypeScript to see the options of a part. */
export function part<const Shape extends z.ZodRawShape, Context, Built>(
  options: Shape,
  create: (options: z.infer<z.ZodObject<Shape>>, context: Context) => Built,
): Part<Shape, Context, Built> {
  return { options, create };
}

/** A part as a recipe has it: `{ name: cosine, … }`. */
export interface NamedPart {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** Parts of one kind: what a recipe may say of them, and how it becomes the part. */
export interface PartKind<Context, Built> {
  readonly schema: z.ZodType<NamedPart>;
  readonly names: readonly string[];
  /** Fills in what the options of a part, not checked yet, leave to a preset. */
  complete(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  create(config: NamedPart, context: Context): Built;
}

/** Puts parts of one kind together by name. */
export function partKind<Context, Built>(
  parts: Readonly<Record<string, Part<z.ZodRawShape, Context, Built>>>,
): PartKind<Context, Built> {
  const variants = Object.entries(parts).map(([name, { options }]) =>
    z.strictObject({ name: z.literal(name), ...options }),
  );
  const complete = (config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
    const base = own(parts, String(config.name))?.base?.(config);
    return base ? (mergeLeaves(base, config) as Readonly<Record<string, unknown>>) : config;
  };
  return {
    schema: z.discriminatedUnion('name', variants as [(typeof variants)[0]]) as unknown as z.ZodType<NamedPart>,
    names: Object.keys(parts),
    complete,
    create(config, context) {
      const { name, ...options } = complete(config);
      return parts[name as string].create(options, context);
    },
  };
}
