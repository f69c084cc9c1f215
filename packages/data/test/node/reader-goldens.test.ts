import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileList, readCocoJson, readFolder, readTable } from '../../src/node/index.ts';

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
  readonly set: 'folder' | 'table' | 'coco-json';
  readonly dir: string;
  readonly options: Readonly<Record<string, string>>;
  readonly split: string | null;
  readonly expected?: string;
  readonly error?: { readonly names: readonly string[] };
  readonly prepare?: readonly Preparation[];
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

async function read(one: ReaderCase): Promise<FileList> {
  const root = copyOf(one);
  const { set, split, options } = one;
  if (set === 'folder') return readFolder({ root, ...options, ...(split !== null && { splits: [split] }) });
  if (set === 'coco-json') return readCocoJson({ root, annotations: options.annotations, images: options.images });
  const list = await readTable({ root, file: options.file, ...options });
  return { ...list, pictures: list.pictures.filter((picture) => split === null || picture.split === split) };
}

const linesOf = (path = ''): string[] => readFileSync(join(fixtures, path), 'utf8').trimEnd().split('\n');

describe.each(['rows', 'classes', 'malformed'] as const)('%s', (kind) => {
  it.each(cases.filter((one) => one.kind === kind).map((one) => [one.case, one] as const))('%s', async (_, one) => {
    if (one.error) {
      const message = await read(one).then(() => 'nothing was refused', String);
      for (const name of one.error.names) expect(message).toContain(name);
      return;
    }
    const { classes, pictures } = await read(one);
    if (kind === 'classes') {
      expect(classes.map(({ name }) => name)).toEqual(linesOf(one.expected));
      return;
    }
    const names = (indices: Int32Array): string[] => Array.from(indices, (c) => classes[c].name).sort();
    const rows = pictures.map(({ key, file, present, absent }) => {
      const rest = classes.map((_, c) => c).filter((c) => !present.includes(c));
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
