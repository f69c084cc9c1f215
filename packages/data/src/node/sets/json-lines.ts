import { badFile } from './read-text.ts';

/** An object of a JSONL file with its line number. */
export interface JsonLine {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Reads one object per line; blank lines at the end are ignored. @throws DataError naming file and line */
export function jsonLines(where: string, text: string, name: string): readonly JsonLine[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((source, i) => {
    const place = `${name}, line ${i + 1},`;
    let value: unknown;
    try {
      value = JSON.parse(source);
    } catch (cause) {
      throw badFile(where, place, 'a JSON object', (cause as Error).message, cause);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badFile(where, place, 'a JSON object', source.slice(0, 40));
    }
    return { line: i + 1, value: value as Record<string, unknown> };
  });
}
