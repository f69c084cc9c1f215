import type { PublishedSetName, PublishedSetOptions } from '../../sets/published-sets.ts';
import { readCoco } from './coco.ts';
import type { SetReader } from './set-reader.ts';
import { readVoc } from './voc.ts';

/** What reads each published data set. */
export const setReaders: { readonly [Name in PublishedSetName]: SetReader<PublishedSetOptions[Name]> } = {
  voc07: readVoc('2007'),
  voc12: readVoc('2012'),
  coco14: readCoco('2014'),
  coco17: readCoco('2017'),
};
