import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { repository } from './contributing.ts';

/**
 * Changes to source files of the repository, made to copies of them. What is imported after `apply` takes the copies in
 * place of the files. Paths count from the folder of the repository.
 */
export class EditedSources {
  /** Holds the copies. It is within this package, so that they find what they import. */
  readonly folder = mkdtempSync(fileURLToPath(new URL('../.new-part-', import.meta.url)));
  readonly #copies = new Map<string, string>();
  readonly #edited: string[] = [];

  /** Adds a file that does not exist. */
  add(path: string, text: string): void {
    const copy = join(this.folder, path);
    this.#copies.set(join(repository, path), copy);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text);
  }

  /** Adds a copy of another file, with words replaced. */
  addCopy(path: string, of: string, words: Readonly<Record<string, string>>): void {
    const texts = Object.entries(words);
    const text = readFileSync(join(repository, of), 'utf8');
    for (const [word] of texts) if (!text.includes(word)) throw new Error(`${of}: ${word} is not there`);
    this.add(
      path,
      texts.reduce((all, [word, other]) => all.replaceAll(word, other), text),
    );
  }

  /** Inserts lines into a file, each before the line that begins with a text. */
  insert(path: string, lines: Readonly<Record<string, string>>): void {
    const text = readFileSync(join(repository, path), 'utf8').split('\n');
    for (const [begin, line] of Object.entries(lines)) {
      const at = text.findIndex((other) => other.startsWith(begin));
      if (at < 0) throw new Error(`${path}: no line begins with ${begin}`);
      text.splice(at, 0, line);
    }
    this.add(path, text.join('\n'));
    this.#edited.push(join(repository, path));
  }

  /** Lets modules that are imported from now on take the copies. */
  apply(): void {
    for (const [file, copy] of this.#copies) {
      const importsFrom = (_: string, specifier: string): string => {
        const imported = resolve(dirname(file), specifier);
        return `from '${this.#copies.get(imported) ?? imported}'`;
      };
      writeFileSync(copy, readFileSync(copy, 'utf8').replaceAll(/from '(\.[^']+)'/g, importsFrom));
    }
    vi.resetModules();
    for (const file of this.#edited) vi.doMock(file, () => import(this.#copies.get(file) as string));
  }

  /** Undoes everything. */
  dispose(): void {
    for (const file of this.#edited) vi.doUnmock(file);
    vi.resetModules();
    rmSync(this.folder, { recursive: true });
  }
}
