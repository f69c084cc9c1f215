import { extname, join } from 'node:path';
import { checkChoice, checkOptionNames, nearestName, OptionError } from '@ltml/tensor';
import type { LabelRow } from '@ltml/tensor/labels';
import { classList } from '../../data-set.ts';
import { type CellMeaning, defaultValues } from './cell-meaning.ts';
import type { FileList, ListedPicture } from './file-list.ts';
import { PictureFinder } from './find-pictures.ts';
import { type JsonLine, jsonLines } from './json-lines.ts';
import { byCodePoint } from './name-order.ts';
import { parquetRows } from './parquet-rows.ts';
import { badFile, readText } from './read-text.ts';
import { tableRows } from './table-rows.ts';

/** Options of {@link readTable}. */
export interface TableOptions {
  /** The folder that contains the pictures, or several, which are searched in order. */
  readonly root: string | readonly string[];
  /** The table, relative to the first root: `.csv`, `.tsv`, `.jsonl` or `.parquet`. */
  readonly file: string;
  /**
   * Separates the labels of an image in the column `labels`; default `;`. In JSONL and Parquet they may also be a list.
   */
  readonly separator?: string;
  /** Separates columns; default a comma, or a tab in a `.tsv` file. */
  readonly delimiter?: string;
  /** Names of the columns, if they differ from `path`, `labels` and `split`. */
  readonly columns?: { readonly path?: string; readonly labels?: string; readonly split?: string };
  /** Class names in order, or a file below the first root with one name per line; default the classes in the table. */
  readonly classes?: string | readonly string[];
  /** The meaning of cells if each class has a column; default 1 present, 0 absent; −1, ? and empty unknown. */
  readonly values?: Readonly<Record<string, CellMeaning>>;
  /** The meaning of a class that the column `labels` does not list; default `absent`. */
  readonly unlisted?: 'absent' | 'unknown';
}

/** A row, in the same form for all kinds of files. */
interface Entry {
  readonly line: number;
  /** The cell of a column; undefined if the row does not have it. */
  get(column: string): unknown;
}

/** A table and the names of its columns. */
interface Table {
  readonly name: string;
  /** The place of the column names. */
  readonly head: string;
  readonly columns: readonly string[];
  readonly entries: readonly Entry[];
}

const where = 'readTable';
const endings = ['.csv', '.tsv', '.jsonl', '.ndjson', '.parquet'];
const optionNames = ['root', 'file', 'separator', 'delimiter', 'columns', 'classes', 'values', 'unlisted'];

/**
 * Reads pictures and labels from a table, in the order of its rows.
 *
 * Either a column `labels` lists the classes of an image, or each class has its own column with the name of the class.
 * A column `split` is optional. If `classes` is left out, the classes follow from the table. With a column `labels`
 * they are all labels that occur, ordered by code point. With one column per class they are all columns except `path`
 * and `split`, in order.
 *
 * @throws DataError naming file and line: on a path that does not exist, leaves the root or occurs twice; an unknown
 *   label or column; a cell without a meaning; a row of another length; text that is not UTF-8; OptionError
 */
export async function readTable(options: TableOptions): Promise<FileList> {
  checkOptionNames(where, options, optionNames);
  checkChoice(where, 'options.unlisted', options.unlisted ?? 'absent', ['absent', 'unknown']);
  const roots = [options.root].flat();
  const finder = new PictureFinder(where, roots);
  const table = await openTable(join(roots[0], options.file), options);
  const { path = 'path', labels = 'labels', split = 'split' } = options.columns ?? {};
  for (const column of [path, ...Object.values(options.columns ?? {})]) requireColumn(table, column);
  const names = await classesOf(options, roots[0]);
  const hasLabels = table.columns.includes(labels);
  const read = hasLabels ? listed(table, labels, names, options) : flagged(table, [path, split], names, options);
  const pictures: ListedPicture[] = [];
  for (const entry of table.entries) {
    const place = `${table.name}, line ${entry.line}`;
    const key = entry.get(path);
    if (typeof key !== 'string' || key === '') {
      throw badFile(where, `${place},`, `a path in "${path}"`, key === '' ? 'nothing' : String(key));
    }
    const cell = table.columns.includes(split) ? entry.get(split) : null;
    const found = await finder.find(key, place);
    pictures.push({
      key,
      ...found,
      split: cell === undefined ? '' : (cell as string | null),
      place,
      ...read.row(entry, place),
    });
  }
  return { classes: classList(read.classes), pictures };
}

async function openTable(path: string, { file, delimiter }: TableOptions): Promise<Table> {
  const ending = extname(file).toLowerCase();
  if (!endings.includes(ending)) {
    throw new OptionError({
      where,
      argument: 'options.file',
      expected: 'a .csv, .tsv, .jsonl or .parquet',
      received: file,
    });
  }
  if (ending === '.parquet') return tableOfObjects(file, await parquetRows(where, path, file));
  const text = await readText(where, path, file);
  if (ending === '.jsonl' || ending === '.ndjson') return tableOfObjects(file, jsonLines(where, text, file));
  const [header, ...rows] = tableRows(where, text, file, delimiter ?? (ending === '.tsv' ? '\t' : ','));
  const columns = header.cells;
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (twice !== undefined)
    throw badFile(where, `${file}, line ${header.line},`, 'columns of different names', `"${twice}" twice`);
  const placeOf = new Map(columns.map((column, i) => [column, i]));
  const get = (cells: readonly string[]) => (column: string) => cells[placeOf.get(column) ?? -1];
  const head = `${file}, line ${header.line},`;
  return { name: file, head, columns, entries: rows.map(({ line, cells }) => ({ line, get: get(cells) })) };
}

/** A table whose rows are objects; rows may have different fields. */
function tableOfObjects(file: string, lines: readonly JsonLine[]): Table {
  const columns = [...new Set(lines.flatMap(({ value }) => Object.keys(value)))];
  const entries = lines.map(({ line, value }) => ({
    line,
    get: (column: string) => (Object.hasOwn(value, column) ? value[column] : undefined),
  }));
  return { name: file, head: file, columns, entries };
}

function requireColumn({ head, columns }: Table, column: string): void {
  if (columns.includes(column)) return;
  const meant = nearestName(column, columns);
  const hint = meant === undefined ? '' : ` (is it "${meant}"?)`;
  throw badFile(where, head, `a table with a column "${column}"`, `${columns.join(', ')}${hint}`);
}

/** Reads the labels of rows for its classes. */
interface LabelReader {
  readonly classes: readonly string[];
  row(entry: Entry, place: string): LabelRow;
}

/** Reads labels from one column. */
function listed(
  table: Table,
  column: string,
  given: readonly string[] | undefined,
  options: TableOptions,
): LabelReader {
  const { separator = ';', unlisted = 'absent' } = options;
  const namesOf = (entry: Entry): readonly string[] => {
    const cell = entry.get(column);
    if (typeof cell === 'string')
      return cell
        .split(separator)
        .map((label) => label.trim())
        .filter((label) => label !== '');
    if (cell === undefined || cell === null) return [];
    if (Array.isArray(cell) && cell.every((label) => typeof label === 'string')) return cell as string[];
    const place = `${table.name}, line ${entry.line},`;
    throw badFile(where, place, `a list of names in "${column}"`, JSON.stringify(cell).slice(0, 40));
  };
  const classes = given ?? [...new Set(table.entries.flatMap(namesOf))].sort(byCodePoint);
  const indexOf = new Map(classes.map((name, c) => [name, c]));
  return {
    classes,
    row(entry, place) {
      const present = namesOf(entry).map((name) => {
        const c = indexOf.get(name);
        if (c !== undefined) return c;
        const meant = nearestName(name, classes);
        throw badFile(
          where,
          `${place},`,
          'a label among the classes',
          `"${name}"${meant === undefined ? '' : ` (is it "${meant}"?)`}`,
        );
      });
      return {
        present: Int32Array.from(new Set(present)).sort(),
        absent: unlisted === 'absent' ? 'rest' : Int32Array.of(),
      };
    },
  };
}

/** Reads labels from one column per class. */
function flagged(
  table: Table,
  others: readonly string[],
  given: readonly string[] | undefined,
  options: TableOptions,
): LabelReader {
  const classes = given ?? table.columns.filter((column) => !others.includes(column));
  for (const name of given ?? []) requireColumn(table, name);
  const values = new Map(Object.entries(options.values ?? defaultValues));
  return {
    classes,
    row(entry, place) {
      const lists: Record<CellMeaning, number[]> = { present: [], absent: [], unknown: [] };
      for (const [c, name] of classes.entries()) {
        const cell = entry.get(name) ?? '';
        const meaning = values.get(String(cell).trim());
        if (meaning === undefined) {
          const codes = Array.from(values.keys(), (code) => code || 'nothing').join(', ');
          throw badFile(where, `${place},`, `one of ${codes} in the column "${name}"`, `"${cell}"`);
        }
        lists[meaning].push(c);
      }
      const { present, absent, unknown } = lists;
      return { present: Int32Array.from(present), absent: unknown.length === 0 ? 'rest' : Int32Array.from(absent) };
    },
  };
}

async function classesOf({ classes }: TableOptions, root: string): Promise<readonly string[] | undefined> {
  if (typeof classes !== 'string') return classes;
  const text = await readText(where, join(root, classes), classes);
  const names = text
    .trimEnd()
    .split('\n')
    .map((name) => name.trimEnd());
  const at = names.findIndex((name, i) => name === '' || names.indexOf(name) < i);
  if (at < 0) return names;
  throw badFile(where, `${classes}, line ${at + 1},`, 'a name that occurs only once', names[at] || 'a blank line');
}

/** The split of each image, by path, from a table with columns `path` and `split`. @throws DataError */
export async function tableSplits(path: string): Promise<ReadonlyMap<string, string>> {
  const table = await openTable(path, { root: '', file: path });
  for (const column of ['path', 'split']) requireColumn(table, column);
  return new Map(table.entries.map((entry) => [String(entry.get('path')), String(entry.get('split'))]));
}
