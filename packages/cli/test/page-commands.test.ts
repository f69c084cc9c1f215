import { type Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/program.ts';
import { blocks, inlineCode } from './page-blocks.ts';

// Every command that a page tells its reader to type is one that `ltml` has, with options that it has. None of them is run.

/** The words of a line, as a shell divides them. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
}

/** Scripts of the repository that are commands of `ltml`. */
const scripts: Readonly<Record<string, string>> = {
  start: 'bench',
  'run ltml': '',
  'run bench': 'bench',
  'run parity': 'parity',
  'run speed': 'bench --suite speed',
};

/** What follows `ltml` in a line of a terminal; undefined for another command. */
function argumentsOf(line: string): string[] | undefined {
  const plain = line.replace(/\s+#.*$/, '').replace(/\s+>\s.*$/, '');
  for (const part of plain.split(' | ')) {
    const [, script = '', given = ''] = /^(?:\$ )?npm (start|run \w+)(?: -- (.*))?$/.exec(part) ?? [];
    if (script in scripts) return wordsOf(`${scripts[script]} ${given}`);
    const [, words] = /(?:^|\s)ltml ([a-z-].*)$/.exec(part) ?? [];
    if (words) return wordsOf(words);
  }
  return undefined;
}

/** `ltml` with commands that do nothing and print nothing. */
function dryProgram(): Command {
  const program = createProgram();
  const dry = (command: Command): void => {
    command.configureOutput({ writeOut() {}, writeErr() {}, outputError() {} });
    if (command.commands.length === 0) command.action(() => {});
    command.commands.forEach(dry);
  };
  dry(program);
  return program;
}

/** @returns what is wrong with a command, as commander calls it; undefined where nothing is */
async function faultOf(words: readonly string[]): Promise<string | undefined> {
  try {
    await dryProgram().parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? undefined : `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('commands on the pages', () => {
  const lines = blocks
    .filter(({ language }) => language === 'sh' || language === 'text')
    .flatMap(({ place, text }) => text.split('\n').map((line) => ({ place, line })));
  const commands = lines.filter(({ line }) => argumentsOf(line) && !line.includes('…'));

  it('are many', () => expect(commands.length).toBeGreaterThan(60));

  it.each(commands)('$place: $line', async ({ line }) => {
    expect(await faultOf(argumentsOf(line) as string[])).toBeUndefined();
  });

  it('are told from wrong ones', async () => {
    expect(await faultOf(['train'])).toMatch(/missingArgument/);
    expect(await faultOf(['train', 'a.yaml', '--epochs', '2'])).toMatch(/unknownOption/);
    expect(await faultOf(['data', 'look', 'a.yaml'])).toBeDefined();
    expect(await faultOf(['encode', 'a.yaml', '--storage', 'f8'])).toMatch(/invalidArgument/);
  });
});

// A sentence names a command without all that it needs, or with words in capitals for it.
const unfinished =
  /^commander\.(missingArgument|optionMissingArgument|missingMandatoryOptionValue|help)\b|argument '[A-Z]+' is invalid/;

describe('commands in sentences', () => {
  const commands = inlineCode.filter(({ code }) => /^(?:npx )?ltml [a-z]/.test(code) && !code.includes('…'));

  it('are many', () => expect(commands.length).toBeGreaterThan(60));

  it.each(commands)('$page: $code', async ({ code }) => {
    const fault = await faultOf(argumentsOf(code) as string[]);
    expect(fault === undefined || unfinished.test(fault), fault).toBe(true);
  });
});
