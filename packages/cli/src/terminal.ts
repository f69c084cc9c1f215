import { once } from 'node:events';

/**
 * Characters that a terminal obeys, or that change how the text around them is read: control characters with line ends,
 * line and paragraph separators, marks of writing direction, halves of surrogate pairs.
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

/** One line of text that may come from anywhere, e.g. a file's name: what a terminal would obey is written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Writes lines to standard output, each through {@link printable}, so that a line stays one line. Waits for a reader that
 * is slower than we are. All results of commands go through here or through {@link printJson}.
 */
export async function printLines(...lines: readonly string[]): Promise<void> {
  await write(lines.map(printable).join('\n'));
}

/** Writes a value as JSON to standard output: on one line, or indented. Unsafe characters in it are escaped as JSON does. */
export async function printJson(value: unknown, indent?: number): Promise<void> {
  // Characters other than JSON's own line ends stand in strings only.
  await write(JSON.stringify(value, null, indent).split('\n').map(printable).join('\n'));
}

/** Writes lines to standard error, each through {@link printable}. */
export function printErrors(...lines: readonly string[]): void {
  if (lines.length === 0) return;
  process.stderr.write(`${lines.map(printable).join('\n')}\n`);
}

/** A path as a word of a shell's command line, quoted where it needs that. */
export function shellPath(path: string): string {
  // Else it would be an option.
  const word = path.startsWith('-') ? `./${path}` : path;
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (printable(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  // Within $'…' a shell reads escapes, so that what is pasted is what was shown.
  return `$'${word.replace(/[\\']/g, '\\$&').replace(unsafe, octal)}'`;
}

function octal(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}
