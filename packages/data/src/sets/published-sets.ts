import { type CocoOptions, coco14, coco17 } from './coco.ts';
import type { PublishedSet } from './published-set.ts';
import { type VocOptions, voc07, voc12 } from './voc.ts';

/** Options of the readers by the name of the data set. */
export interface PublishedSetOptions {
  voc07: VocOptions;
  voc12: VocOptions;
  coco14: CocoOptions;
  coco17: CocoOptions;
}

export type PublishedSetName = keyof PublishedSetOptions;

/** Published data sets by name; `@ltml/data/node` reads them. */
export const publishedSets: { readonly [Name in PublishedSetName]: PublishedSet<PublishedSetOptions[Name]> } = {
  voc07,
  voc12,
  coco14,
  coco17,
};
