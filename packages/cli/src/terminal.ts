import { once } from 'node:events';

/**
 * Characters that control a terminal or change how the text around them is read: control characters with line ends,
 * line and paragraph separators, marks of writing direction, unpaired surrogates.
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

/** Makes any text (e.g. a file name) safe to print on one line: such characters become `\u001b` and the like. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Writes lines to standard output, each through {@link printable}, so that a line stays one line. Waits for a slow
 * reader. All results of commands go through here or through {@link printJson}.
 */
export async function printLines(...lines: readonly string[]): Promise<void> {
  await write(lines.map(printable).join('\n'));
}

/** Writes a value as JSON to standard output, on one line or indented. Unsafe characters are escaped as in JSON. */
export async function printJson(value: unknown, indent?: number): Promise<void> {
  // Except for JSON's own line ends, such characters occur only in strings.
  await write(JSON.stringify(value, null, indent).split('\n').map(printable).join('\n'));
}

/** Writes lines to standard error, each through {@link printable}. */
export function printErrors(...lines: readonly string[]): void {
  if (lines.length === 0) return;
  process.stderr.write(`${lines.map(printable).join('\n')}\n`);
}

/** A path as one word of a shell command, quoted if needed. */
export function shellPath(path: string): string {
  // Without `./` the shell command would take it as an option.
  const word = path.startsWith('-') ? `./${path}` : path;
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (printable(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  // A shell reads escapes inside $'…', so that the printed text can be pasted.
  return `$'${word.replace(/[\\']/g, '\\$&').replace(unsafe, octal)}'`;
}

function octal(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}
