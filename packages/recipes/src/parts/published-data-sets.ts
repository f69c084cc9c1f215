import { type DataSet, type PublishedSet, type PublishedSetName, publishedSets, type SetOption } from '@ltml/data';
import * as z from 'zod';
import type { DataFiles } from './file-data-sets.ts';
import { type Part, part } from './part.ts';

const path = z.string().min(1);

const shared = {
  root: z
    .union([path, z.array(path).min(1)])
    .describe('Folder of the data set, or several folders, which are searched in turn'),
  decode: z
    .enum(['as-pil', 'upright'])
    .default('as-pil')
    .describe(
      'as-pil: as stored, as in the papers; upright: turned by the EXIF orientation, or by a list of the data set',
    ),
  splits: z
    .strictObject({ train: path, validation: path.optional(), test: path.optional() })
    .optional()
    .describe('Published names of the splits; default: the usual ones'),
};

/** Schema of a reader's option. */
function optionSchema(option: SetOption): z.ZodType {
  if ('choices' in option) return z.enum(option.choices).default(option.default).describe(option.about);
  const number = option.whole ? z.int() : z.number();
  return number.min(option.min).default(option.default).describe(option.about);
}

function shapeOf({ options, lists }: PublishedSet): z.ZodRawShape {
  const own = Object.entries(options).map(([name, option]) => [name, optionSchema(option)]);
  return {
    ...shared,
    ...(lists && { lists: z.record(z.string(), path).default({}).describe(lists) }),
    ...Object.fromEntries(own),
  };
}

/** Published data sets, each read in its published layout. */
export const publishedDataSets: Readonly<Record<string, Part<z.ZodRawShape, DataFiles, Promise<DataSet>>>> =
  Object.fromEntries(
    Object.entries(publishedSets as Readonly<Record<string, PublishedSet>>).map(([name, set]) => [
      name,
      part(shapeOf(set), (options, files: DataFiles) => files.published(name as PublishedSetName, options)),
    ]),
  );
