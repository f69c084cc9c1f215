import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository, sectionOf, stepsOf } from './contributing.ts';

/** Sections of CONTRIBUTING.md, each with a part that was added by its steps, and how files mention it. */
const sections = [
  ['Add a loss', { group: 'binary', name: 'focal' }, /focal/i],
  ['Add a metric', { group: 'protocols', name: 'shot-accuracy' }, /accuracy/i],
  ['Add a data set', { set: 'cub' }, /cub/i],
  ['Add a method', { method: 'mlc-nc' }, /mlc-?nc/i],
] as const;

it.each(sections)('%s: every file that a step names exists and has an example', (title, names, example) => {
  const paths = stepsOf(title, names).flat();
  expect(paths.length).toBeGreaterThan(6);
  for (const path of paths) {
    const file = join(repository, path);
    // Throws where there is none.
    if (statSync(file).isFile()) expect(readFileSync(file, 'utf8'), path).toMatch(example);
  }
});

it.each(sections)('%s: is at most a page', (title) => {
  expect(sectionOf(title).split('\n').length).toBeLessThan(45);
});
