import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabelRow } from '@ltml/tensor/labels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClassList, type PublishedSetName, publishedSets, type SetOption } from '../../src/index.ts';
import {
  type ReadPublishedSetOptions,
  readCocoJson,
  readFolder,
  readPublishedSet,
  readTable,
} from '../../src/node/index.ts';

interface Preparation {
  readonly op: 'copy' | 'write' | 'mkdir' | 'symlink';
  readonly path?: string;
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
  readonly target?: string;
}

interface ReaderCase {
  readonly case: string;
  readonly kind: 'rows' | 'classes' | 'malformed';
  readonly set: string;
  readonly dir: string;
  readonly options: Readonly<Record<string, string>>;
  readonly split: string | null;
  readonly expected?: string;
  readonly error?: { readonly names: readonly string[] };
  readonly prepare?: readonly Preparation[];
  readonly trap?: number | null;
  /** What exactly one warning contains. */
  readonly warns?: readonly string[];
}

interface Image extends LabelRow {
  readonly key: string;
  readonly file: string;
}

interface Read {
  readonly classes: ClassList;
  /** Classes that the labels have columns for, at least. */
  readonly columns?: number;
  readonly images: readonly Image[];
  readonly warnings: readonly string[];
}

const fixtures = fileURLToPath(new URL('../fixtures/readers/', import.meta.url));
const cases = JSON.parse(readFileSync(join(fixtures, 'cases.json'), 'utf8')) as ReaderCase[];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-readers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of the fixture in a folder of its own, with what git does not keep. */
function copyOf({ case: name, dir, prepare = [] }: ReaderCase): string {
  const root = join(folder, name, 'set');
  cpSync(join(fixtures, dir), root, { recursive: true });
  const at = (path = ''): string => join(root, path);
  for (const { op, path, from, to, text = '', target = '' } of prepare) {
    mkdirSync(dirname(at(to ?? path)), { recursive: true });
    if (op === 'copy') cpSync(at(from), at(to));
    if (op === 'write') writeFileSync(at(path), text);
    if (op === 'mkdir') mkdirSync(at(path), { recursive: true });
    if (op === 'symlink') symlinkSync(target, at(path));
  }
  return root;
}

async function read(one: ReaderCase): Promise<Read> {
  const root = copyOf(one);
  const { set, split, options } = one;
  const warnings: string[] = [];
  if (set === 'folder') {
    const list = await readFolder({ root, ...options, ...(split !== null && { splits: [split] }) });
    return { classes: list.classes, images: list.pictures, warnings };
  }
  if (set === 'coco-json') {
    const list = await readCocoJson({ root, annotations: options.annotations, images: options.images });
    return { classes: list.classes, images: list.pictures, warnings };
  }
  if (set === 'table') {
    const { classes, pictures } = await readTable({ root, file: options.file, ...options });
    return { classes, images: pictures.filter((image) => split === null || image.split === split), warnings };
  }
  const { name, request } = requestOf(one);
  const list = await readPublishedSet(name, { root, ...request, onWarning: (text) => warnings.push(text) });
  const { labels, pictures } = list.splits[request.splits[0]];
  const images = Array.from({ length: pictures.length }, (_, i) => {
    return { key: pictures.key(i), file: pictures.file(i), ...labels.row(i) };
  });
  return { classes: list.classes, columns: labels.columns, images, warnings };
}

/** The published set of a case, and what to read of it. */
function requestOf({ set, split, options }: ReaderCase): {
  readonly name: PublishedSetName;
  readonly request: Omit<ReadPublishedSetOptions<PublishedSetName>, 'root'> & { readonly splits: readonly string[] };
} {
  const { year = '', lists, ...others } = options;
  const name = (set === 'inaturalist' ? 'inat18' : `${set}${year.slice(2)}`) as PublishedSetName;
  const splits = [split ?? 'all'];
  const known = publishedSets[name].options as Readonly<Record<string, SetOption>>;
  const values = Object.entries(others).map(([key, value]) => [key, 'whole' in known[key] ? Number(value) : value]);
  const request = { splits, options: Object.fromEntries(values), ...(lists && { lists: { [splits[0]]: lists } }) };
  return { name, request };
}

const linesOf = (path = ''): string[] => readFileSync(join(fixtures, path), 'utf8').trimEnd().split('\n');

/** With the number of the trap that it is about, where it is about one. */
const titleOf = ({ case: name, trap }: ReaderCase): string => (trap ? `${name} (trap ${trap})` : name);

describe.each(['rows', 'classes', 'malformed'] as const)('%s', (kind) => {
  it.each(cases.filter((one) => one.kind === kind).map((one) => [titleOf(one), one] as const))('%s', async (_, one) => {
    if (one.error) {
      const message = await read(one).then(() => 'nothing was refused', String);
      for (const name of one.error.names) expect(message).toContain(name);
      return;
    }
    const { classes, columns = classes.length, images, warnings } = await read(one);
    expect(warnings.map((text) => (one.warns ?? []).filter((part) => text.includes(part)))).toEqual(
      one.warns ? [one.warns] : [],
    );
    if (kind === 'classes') {
      expect(classes.map(({ name }) => name)).toEqual(linesOf(one.expected));
      return;
    }
    const names = (indices: Int32Array): string[] => Array.from(indices, (c) => classes[c].name).sort();
    const rows = images.map(({ key, file, present, absent }) => {
      const rest = Array.from({ length: columns }, (_, c) => c).filter((c) => !present.includes(c));
      return { key, file, present: names(present), absent: names(absent === 'rest' ? Int32Array.from(rest) : absent) };
    });
    const expected = linesOf(one.expected).map((line) => {
      const row = JSON.parse(line) as { present: string[]; absent: string[] | 'rest' };
      const rest = classes.map(({ name }) => name).filter((name) => !row.present.includes(name));
      return {
        ...row,
        present: [...row.present].sort(),
        absent: (row.absent === 'rest' ? rest : [...row.absent]).sort(),
      };
    });
    expect(rows).toEqual(expected);
  });
});
