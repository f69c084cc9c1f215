import { htmlTable, type Markup, markup } from '@ltml/report';
import type { SuiteRow } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';

/** Settings of a recipe by their dotted names. */
type Settings = ReadonlyMap<string, string>;

/** What the rows are, what sets each apart, and how to run one by itself; then what all rows share. */
export function settingsSection({ suite, runs, rows }: SuiteResult): Markup {
  const own = rows.map(({ row }) => {
    const run = runs.find((candidate) => candidate.row === row);
    return flat(run?.recipe ?? {});
  });
  const names = [...new Set(own.flatMap((settings) => [...settings.keys()]))];
  const isShared = (name: string): boolean => own.every((settings) => settings.get(name) === own[0].get(name));
  const body = rows.map(({ row, title }, i) => {
    const differing = names.filter((name) => !isShared(name) && own[i].has(name));
    const list = differing.map((name) => markup`<li><code>${name}: ${own[i].get(name) ?? ''}</code></li>`);
    const settings =
      list.length === 0
        ? markup`those that all rows share`
        : markup`<details><summary>${list.length} of its own</summary><ul>${list}</ul></details>`;
    const id = `${suite.name}-${row}`;
    return markup`<tr id="${id}"><th scope="row">${title}</th><td>${suite.rows[row].description}</td><td>${settings}</td><td><code>${commandOf(suite.rows[row])}</code></td></tr>`;
  });
  const shared = names.filter(isShared).map((name) => {
    return markup`<tr><th scope="row"><code>${name}</code></th><td><code>${own[0].get(name) ?? ''}</code></td></tr>`;
  });
  return markup`${htmlTable(['row', 'what it is', 'settings', 'run it again'], body)}
<details><summary>${shared.length} settings that all rows share</summary>${htmlTable(['setting', 'value'], shared)}</details>
<p class="caption">With <code>--set seed=2</code> for another seed. The recipe as it was resolved, defaults included, is <code>config.json</code> in each run folder, <code>${suite.name}/&lt;row&gt;/seed-&lt;n&gt;</code>; <code>ltml train</code> takes it, too.</p>`;
}

/** The command that does the run of a row by itself. */
function commandOf({ recipe, set = [] }: SuiteRow): string {
  // Suites of the repository name recipes from their own folder, readers from the root.
  const path = recipe.replace(/^(\.\.\/)+/, '');
  return ['ltml train', quoted(path), ...set.map((entry) => `--set ${quoted(entry)}`)].join(' ');
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w./=@:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Every entry but name and seed, which tell runs apart and settings not. */
function flat(recipe: object): Settings {
  const settings = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, entry] of Object.entries(value)) visit(entry, path === '' ? key : `${path}.${key}`);
    } else settings.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  };
  const { name: _, seed: __, ...rest } = recipe as { name?: string; seed?: number };
  visit(rest, '');
  return settings;
}
