import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const textOf = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const rows = Array.from(textOf('traps.md').matchAll(/^\| (\d+) \| .+ \| (`.+`) \|$/gm), ([, trap, files]) => ({
  trap: Number(trap),
  files: files.split(', ').map((file) => file.slice(1, -1)),
}));

it('each trap has a test that names its number', () => {
  expect(rows.map(({ trap }) => trap)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
  for (const { trap, files } of rows) {
    // In the title of a test, or as an entry of a case whose title has it.
    const named = new RegExp(`\\(trap ${trap}\\)|"trap": ${trap}\\b`);
    for (const file of files) expect(textOf(`../../${file}`), `${file}, trap ${trap}`).toMatch(named);
  }
});
