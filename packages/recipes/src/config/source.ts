import { readFileSync, statSync } from 'node:fs';
import {
  isCollection,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  visit,
} from 'yaml';
import { UsageError } from '../usage-error.ts';

/** Keys and list indices that lead to a place in a configuration. */
type Path = readonly PropertyKey[];

/** A configuration as it was written, not yet checked, and where each of its entries stands. */
export interface ConfigSource {
  readonly value: unknown;
  /** Where an entry was written, e.g. `config.yaml:12` or `--set training.epochs`; its parent's place if it was not. */
  locate(path: Path): string;
}

/**
 * Reads a YAML or JSON file (JSON is YAML) and lays `key=value` settings over it.
 *
 * @param settings dotted keys, with values in YAML: `training.epochs=5`, `loss={name: bce}`
 * @throws UsageError with file and line
 */
export function readConfig(file: string, settings: readonly string[] = []): ConfigSource {
  return applySettings(parseConfig(readText(file), file), settings);
}

/** Far more than a configuration needs, and little enough to be read at once. */
const longest = 1_000_000;
const deepest = 50;
const mostEntries = 100_000;

/** {@link readConfig} from text. */
export function parseConfig(text: string, file: string): ConfigSource {
  if (text.length > longest)
    throw new UsageError(`${file}: should have at most ${longest} letters, has ${text.length}`);
  const lines = new LineCounter();
  checkDepth(text, file);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const lineAt = (offset: number | undefined): string =>
    offset === undefined ? file : `${file}:${lines.linePos(offset).line}`;
  const [error] = document.errors;
  if (error) throw new UsageError(`${lineAt(error.pos[0])}: ${error.message}`);
  let value: unknown;
  try {
    value = document.toJS() as unknown;
    countEntries(value);
  } catch (cause) {
    let alias: number | undefined;
    visit(document, {
      Alias(_, node) {
        alias = node.range?.[0];
        return visit.BREAK;
      },
    });
    throw new UsageError(`${lineAt(alias)}: aliases should stand for something small: ${(cause as Error).message}`);
  }
  return {
    value,
    locate: (path) => lineAt(offsetOf(document.contents, path)),
  };
}

/** What is nested deeper than any stack is found while the text is read letter by letter. */
function checkDepth(text: string, file: string): void {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length <= 2 * deepest) continue;
    const { line } = lines.linePos(parser.offset);
    throw new UsageError(`${file}:${line}: should be nested at most ${deepest} deep`);
  }
}

/** Aliases make much of little: each entry is counted as often as it stands for something. */
function countEntries(value: unknown): void {
  let left = mostEntries;
  const count = (entry: unknown, depth: number): void => {
    if (typeof entry !== 'object' || entry === null) return;
    if (depth > deepest || left < 0) throw new Error(`more than ${mostEntries} entries, or deeper than ${deepest}`);
    for (const child of Object.values(entry)) {
      left--;
      count(child, depth + 1);
    }
  };
  count(value, 0);
}

function applySettings(source: ConfigSource, settings: readonly string[]): ConfigSource {
  let value: unknown = source.value ?? {};
  const set: string[][] = [];
  for (const setting of settings) {
    const [, key, text] = /^([^=\s]+)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined) {
      throw new UsageError(`--set ${setting}: should be key=value, e.g. seed=2 or method.options.epochs=5`);
    }
    const path = key.split('.');
    if (path.length > deepest) throw new UsageError(`--set ${key}: should be nested at most ${deepest} deep`);
    value = withEntry(value, path, parseConfig(text, `--set ${key}`).value);
    set.push(path);
  }
  return {
    value,
    locate(path) {
      const by = set.findLast((key) => key.length <= path.length && key.every((name, i) => name === String(path[i])));
      return by ? `--set ${by.join('.')}` : source.locate(path);
    },
  };
}

/** A copy of an object with one entry replaced; objects on the way are made where there are none. */
function withEntry(value: unknown, [key, ...rest]: readonly string[], entry: unknown): unknown {
  const object = typeof value === 'object' && value !== null ? value : {};
  const old = Object.hasOwn(object, key) ? (object as Readonly<Record<string, unknown>>)[key] : undefined;
  const replaced = rest.length === 0 ? entry : withEntry(old, rest, entry);
  if (Array.isArray(object) && /^\d{1,4}$/.test(key)) return Object.assign([...object], { [key]: replaced });
  return { ...object, [key]: replaced };
}

/** Place in the text of the deepest entry of a path that is there: of its key, or of a list's item. */
function offsetOf(contents: Node | null, path: Path): number | undefined {
  let node: unknown = contents;
  let offset = contents?.range?.[0];
  for (const key of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isCollection(node)) {
      node = node.get(key, true);
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > 4 * longest) throw new UsageError(`${file}: should have at most ${longest} letters`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}
