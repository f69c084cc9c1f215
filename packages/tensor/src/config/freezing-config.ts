import * as z from 'zod';
import { type Freezing, isPattern } from '../freezing.ts';

const pattern = z.string().refine(isPattern, 'not a regular expression').nullable();

/** The schema of the entry that freezes parts of an encoder, with a method's defaults. */
export function freezingConfigSchema({ parameters, statistics }: Freezing): z.ZodType<Freezing> {
  return z
    .strictObject({ parameters: pattern.default(parameters), statistics: pattern.default(statistics) })
    .prefault({}) as z.ZodType<Freezing>;
}
