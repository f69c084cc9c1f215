import type { DecodeMode } from '@ltml/images/node';
import type { DataSet, LabelledPictures, SplitRole } from '../../data-set.ts';
import type { PublishedSet } from '../../sets/published-set.ts';
import { type PublishedSetName, publishedSets } from '../../sets/published-sets.ts';
import { pictureFiles } from '../picture-files.ts';
import { type ReadPublishedSetOptions, readPublishedSet } from './read-published-set.ts';

/** Options of {@link publishedDataSet}. */
export interface PublishedDataSetOptions<Name extends PublishedSetName>
  extends Omit<ReadPublishedSetOptions<Name>, 'splits' | 'missing'> {
  /** The published names of the splits, by purpose; default those of `publishedSets`. */
  readonly splits?: Readonly<Partial<Record<SplitRole, string>>> & { readonly train: string };
  /**
   * How pictures are decoded; default `as-pil`, as the papers read them. `upright` rotates them by EXIF, or by the data
   * set's own list of angles.
   */
  readonly decode?: DecodeMode;
}

/**
 * Reads a published data set in its published layout, as a {@link DataSet}.
 *
 * @throws DataError, OptionError as `readPublishedSet`
 */
export async function publishedDataSet<Name extends PublishedSetName>(
  name: Name,
  { decode = 'as-pil', splits, ...request }: PublishedDataSetOptions<Name>,
): Promise<DataSet> {
  const { protocol, splits: usual } = publishedSets[name] as PublishedSet;
  const names = splits ?? usual;
  const read = await readPublishedSet(name, { ...request, splits: [...new Set(Object.values(names))] });
  const made = new Map<string, LabelledPictures>();
  for (const [split, { labels, pictures, decoded, readTurns }] of Object.entries(read.splits)) {
    const turn = decode === 'upright' ? await readTurns?.() : undefined;
    const files = { ...pictures, ...(turn && { turn }) };
    made.set(split, { name: `${name}/${split}`, labels, pictures: decoded ?? pictureFiles(files, decode) });
  }
  const make = (split: string): LabelledPictures => made.get(split) as LabelledPictures;
  return {
    name,
    version: null,
    classes: read.classes,
    splits: {
      train: make(names.train),
      ...(names.validation !== undefined && { validation: make(names.validation) }),
      ...(names.test !== undefined && { test: make(names.test) }),
    },
    protocol,
  };
}
