import { readFileSync } from 'node:fs';
import { isCollection, isMap, isScalar, LineCounter, type Node, type Pair, parse, parseDocument } from 'yaml';
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

/** {@link readConfig} from text. */
export function parseConfig(text: string, file: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) throw new UsageError(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  return {
    value: document.toJS() as unknown,
    locate(path) {
      const offset = offsetOf(document.contents, path);
      return offset === undefined ? file : `${file}:${lines.linePos(offset).line}`;
    },
  };
}

function applySettings(source: ConfigSource, settings: readonly string[]): ConfigSource {
  let value: unknown = source.value ?? {};
  const set: string[][] = [];
  for (const setting of settings) {
    const [, key, text] = /^([^=\s]+)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined) throw new UsageError(`--set ${setting}: should be key=value, e.g. training.epochs=5`);
    const path = key.split('.');
    try {
      value = withEntry(value, path, parse(text) as unknown);
    } catch (error) {
      throw new UsageError(`--set ${setting}: ${(error as Error).message}`);
    }
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
  const copy = (Array.isArray(object) ? [...object] : { ...object }) as Record<string, unknown>;
  copy[key] = rest.length === 0 ? entry : withEntry(copy[key], rest, entry);
  return copy;
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
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}
