import * as z from 'zod';
import { mergeLeaves, own } from '../recipe/merge.ts';

/** Something that a recipe names, e.g. a loss, with the options written beside its name. */
export interface Part<Shape extends z.ZodRawShape, Context, Built> {
  readonly options: Shape;
  create(options: z.infer<z.ZodObject<Shape>>, context: Context): Built;
  /**
   * Defaults that depend on the options, e.g. a preset that one of them names. Options are laid over them leaf by leaf.
   */
  base?(options: Readonly<Record<string, unknown>>): object;
}

/** Defines a part; TypeScript infers the types of its options. */
export function part<const Shape extends z.ZodRawShape, Context, Built>(
  options: Shape,
  create: (options: z.infer<z.ZodObject<Shape>>, context: Context) => Built,
): Part<Shape, Context, Built> {
  return { options, create };
}

/** A part as written in a recipe: `{ name: cosine, … }`. */
export interface NamedPart {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** All parts of one kind: their schema, and how they are made. */
export interface PartKind<Context, Built> {
  readonly schema: z.ZodType<NamedPart>;
  readonly names: readonly string[];
  /** Fills in the defaults of a part's preset. The options are not checked yet. */
  complete(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  create(config: NamedPart, context: Context): Built;
}

/** Makes a kind of parts from parts by name. */
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
