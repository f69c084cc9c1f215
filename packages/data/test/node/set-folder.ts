import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** The folder of a data set, a new one for each test. */
export interface SetFolder {
  readonly root: string;
  /** Writes a text, or anything else as JSON. */
  write(file: string, content: unknown): void;
}

/** Makes a folder before each test of a file, and removes it after. */
export function setFolder(): SetFolder {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ltml-set-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  return {
    get root() {
      return root;
    },
    write(file, content) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
    },
  };
}
