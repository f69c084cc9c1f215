import { cutmix, type Mix, type MixOptions, mixup } from '@ltml/data';
import * as z from 'zod';
import { type NamedPart, type PartKind, part, partKind } from './part.ts';

/** @param alpha default, as published */
function mix(make: (options: MixOptions) => Mix, alpha: number) {
  const options = {
    alpha: z.number().positive().max(1000).default(alpha),
    probability: z.number().min(0).max(1).default(1),
  };
  return part(options, (given, _: undefined): Mix => make(given));
}

/** Ways to mix training images in pairs, by name. */
export const mixes: PartKind<undefined, Mix> = partKind({ mixup: mix(mixup, 0.2), cutmix: mix(cutmix, 1) });

/** How a recipe mixes training images; undefined: it does not. */
export function mixOf({ mix }: { readonly mix: NamedPart | null }): Mix | undefined {
  return mix ? mixes.create(mix, undefined) : undefined;
}
