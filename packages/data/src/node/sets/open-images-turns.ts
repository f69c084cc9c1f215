import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type QuarterTurn, quarterTurns } from '@ltml/images/node';
import { CsvError, parse } from 'csv-parse';
import type { PackedNames } from '../../packed-names.ts';
import type { SetFolder } from './set-folder.ts';

/** The angle is unknown: the picture was no longer available when the angles were collected. */
const unknown = 255;

/**
 * Reads the rotation angles of stored pictures from the columns `ImageID` and `Rotation` of a list of images. The list
 * is read in pieces and takes one byte per image.
 *
 * Source: storage.googleapis.com/openimages/web/2018-05-17-rotation-information.html (degrees counterclockwise; 2.6 %
 * of the images are rotated).
 *
 * @param ids ids of the images, ascending
 * @throws DataError naming file and line
 */
export async function readTurns(
  folder: SetFolder,
  file: string,
  ids: PackedNames,
): Promise<(index: number) => QuarterTurn | undefined> {
  const turns = new Uint8Array(ids.length).fill(unknown);
  let columns: { readonly id: number; readonly rotation: number } | undefined;
  let line = 0;
  const onRecord = (cells: readonly string[], { lines }: { readonly lines: number }): null => {
    line = lines;
    if (!columns) {
      columns = { id: cells.indexOf('ImageID'), rotation: cells.indexOf('Rotation') };
      if (columns.id >= 0 && columns.rotation >= 0) return null;
      throw folder.refuse(`${file}, line 1`, 'columns ImageID and Rotation', cells.join(',').slice(0, 80));
    }
    const bytes = Buffer.from(cells[columns.id]);
    const at = ids.find(bytes, 0, bytes.length);
    if (at >= 0) turns[at] = turnOf(cells[columns.rotation]) ?? unknown;
    return null;
  };
  /** The number of quarter turns; undefined if it is unknown. */
  const turnOf = (text: string): number | undefined => {
    if (text === '' || text.toLowerCase() === 'nan') return undefined;
    const quarters = quarterTurns.indexOf(Number(text) as QuarterTurn);
    if (quarters >= 0) return quarters;
    throw folder.refuse(`${file}, line ${line}`, `a rotation of ${quarterTurns.join(', ')} or none`, text.slice(0, 40));
  };
  try {
    await pipeline(createReadStream(folder.path(file)), parse({ bom: true, relax_quotes: true, on_record: onRecord }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw folder.refuse(`${file}, line ${line + 1}`, 'a row of quoted and plain fields', error.message);
  }
  return (index) => (turns[index] === unknown ? undefined : quarterTurns[turns[index]]);
}
