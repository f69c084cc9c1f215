import { CsvError, parse } from 'csv-parse/sync';
import { badFile } from './read-text.ts';

/** A row of a table, with the number of its first line. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads the rows of a CSV table as defined in RFC 4180: quoted fields may contain doubled quotes, delimiters and line
 * ends.
 *
 * @param text with LF line ends
 * @param name name of the file in errors
 * @returns all rows; the first is the header, and all have the same number of cells
 * @throws DataError naming file and line
 */
export function tableRows(where: string, text: string, name: string, delimiter: string): readonly TableRow[] {
  const rows: TableRow[] = [];
  let last = 0;
  try {
    parse(text, {
      delimiter,
      rtrim: true,
      relax_column_count: true,
      onRecord: (cells: string[], { lines }: { readonly lines: number }) => {
        const inside = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
        rows.push({ line: lines - inside, cells });
        last = lines;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const notClosed = error.code === 'CSV_QUOTE_NOT_CLOSED';
    const line = notClosed ? last + 1 : ((error as { lines?: number }).lines ?? last + 1);
    const received = notClosed ? 'a quote that is never closed' : error.message;
    throw badFile(where, `${name}, line ${line},`, 'a row of quoted and plain fields', received);
  }
  // Blank lines at the end are ignored.
  while (rows.length > 0 && isBlank(rows[rows.length - 1])) rows.pop();
  if (rows.length === 0) throw badFile(where, name, 'a table with a header', 'an empty file');
  const width = rows[0].cells.length;
  const uneven = rows.find(({ cells }) => cells.length !== width);
  if (!uneven) return rows;
  const place = `${name}, line ${uneven.line},`;
  throw badFile(where, place, `a row of ${width} columns as the header has`, `${uneven.cells.length}`);
}

function isBlank({ cells }: TableRow): boolean {
  return cells.length === 1 && cells[0] === '';
}
