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

/** Largest length of a recipe in characters: far more than needed, and small enough to read at once. */
export const longest = 1_000_000;
/** Deepest nesting of a recipe. */
export const deepest = 50;
const mostEntries = 100_000;

/**
 * Reads a recipe from YAML text.
 *
 * @param file name to use in error messages
 * @throws UsageError with file and line
 */
export function parseRecipe(text: string, file: string): RecipeSource {
  if (text.length > longest)
    throw new UsageError(`${file}: should have at most ${longest} characters, has ${text.length}`);
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
    throw new UsageError(`${lineAt(alias)}: aliases expand too far: ${(cause as Error).message}`);
  }
  return {
    value,
    locate: (path) => lineAt(offsetOf(document.contents, path)),
  };
}

/** Finds nesting that would overflow the stack, by reading the text token by token. */
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

/** Counts entries with all aliases expanded: a short text with aliases can expand to very many. */
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

/** Offset in the text of the deepest existing entry of a path: of its key, or of the list item. */
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
