import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { ProgressLine } from '../src/progress-line.ts';
import { printErrors, printJson, printLines, shellPath } from '../src/terminal.ts';

afterEach(() => vi.restoreAllMocks());

const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u;

/** Text as a file's name or a class from elsewhere may hold it. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\n',
        '\r',
        '\t',
        '\u007f',
        '\u009b',
        '\u202e',
        '\u2028',
        '\u2066',
        '\ud800',
        "'",
        '$(x)',
        ' ',
        '-',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

function written(stream: NodeJS.WriteStream): () => string {
  const write = vi.spyOn(stream, 'write').mockImplementation(() => true);
  return () => {
    const text = write.mock.calls.map(([part]) => String(part)).join('');
    write.mockClear();
    return text;
  };
}

test('lines of output and of complaints stay one line each, with nothing that a terminal obeys', async () => {
  const [output, complaints] = [written(process.stdout), written(process.stderr)];
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 4 }), async (lines) => {
      await printLines(...lines);
      printErrors(...lines);
      for (const text of [output(), complaints()]) {
        expect(text.endsWith('\n')).toBe(true);
        const parts = text.slice(0, -1).split('\n');
        expect(parts).toHaveLength(lines.length);
        for (const part of parts) expect(part).not.toMatch(obeyed);
      }
    }),
  );
});

test('JSON holds the same text, escaped', async () => {
  const output = written(process.stdout);
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom(undefined, 2), async (text, indent) => {
      await printJson({ [text]: [text] }, indent);
      const json = output();
      for (const line of json.split('\n')) expect(line).not.toMatch(obeyed);
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
    }),
  );
});

test('the line of progress is one line, whatever text it shows', () => {
  fc.assert(
    fc.property(hostile, fc.boolean(), (text, isTTY) => {
      let shown = '';
      const write = (part: string): void => {
        shown += part;
      };
      const line = new ProgressLine({ isTTY, columns: 200, write }, () => 0);
      line.show(0.5, text);
      line.print(text);
      expect(shown.replaceAll('\r\u001b[2K', '').replace(/\n$/, '')).not.toMatch(obeyed);
    }),
  );
});

test('a path in a suggested command is one word to the shell, and is the path', () => {
  const path = hostile.filter((text) => text !== '' && !/[\0\p{Cs}]/u.test(text));
  fc.assert(
    fc.property(path, (text) => {
      const word = shellPath(text);
      expect(word).not.toMatch(obeyed);
      const { stdout } = spawnSync('bash', ['-c', `printf '%s|' ${word}`], { encoding: 'utf8' });
      expect(stdout).toBe(`${text.startsWith('-') ? './' : ''}${text}|`);
    }),
    { numRuns: 50 },
  );
});

test('nothing is printed past these functions', () => {
  const folder = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && name !== 'terminal.ts',
  );
  const past = files.filter((name) => /console\.|stdout\.write/.test(readFileSync(join(folder, name), 'utf8')));
  expect(past).toEqual([]);
});
