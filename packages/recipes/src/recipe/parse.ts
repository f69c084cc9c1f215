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
import type { Path, RecipeSource } from './source.ts';

/** Far more than a recipe needs, and little enough to be read at once. */
export const longest = 1_000_000;
export const deepest = 50;
const mostEntries = 100_000;

/**
 * A recipe from text in YAML.
 *
 * @param file the name by which its places are told
 * @throws UsageError with file and line
 */
export function parseRecipe(text: string, file: string): RecipeSource {
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
