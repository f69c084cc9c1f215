import { htmlTable, type Markup, markup } from '@ltml/report';
import type { SuiteRow } from '../suites/suite.ts';
import type { SuiteResult } from '../suites/suite-result.ts';

/** Settings of a recipe under their dotted names. */
type Settings = ReadonlyMap<string, string>;

/**
 * A table of the rows: what each is, its own settings, and the command to run it. Then the settings that all rows
 * share.
 */
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
        ? markup`only those that all rows share`
        : markup`<details><summary>${list.length} of its own</summary><ul>${list}</ul></details>`;
    const id = `${suite.name}-${row}`;
    return markup`<tr id="${id}"><th scope="row">${title}</th><td>${suite.rows[row].description}</td><td>${settings}</td><td><code>${commandOf(suite.rows[row])}</code></td></tr>`;
  });
  const shared = names.filter(isShared).map((name) => {
    return markup`<tr><th scope="row"><code>${name}</code></th><td><code>${own[0].get(name) ?? ''}</code></td></tr>`;
  });
  return markup`${htmlTable(['row', 'what it is', 'settings', 'run it again'], body)}
<details><summary>${shared.length} settings that all rows share</summary>${htmlTable(['setting', 'value'], shared)}</details>
<p class="caption">Add <code>--set seed=2</code> for another seed. Each run folder <code>${suite.name}/&lt;row&gt;/seed-&lt;n&gt;</code> contains the resolved recipe with all defaults, <code>config.json</code>. You can pass it to <code>ltml train</code>.</p>`;
}

/** The command that runs a row. */
function commandOf({ recipe, set = [] }: SuiteRow): string {
  // Recipe paths in suites are relative to the suite's folder. In commands they are relative to the root of the
  // repository.
  const path = recipe.replace(/^(\.\.\/)+/, '');
  return ['ltml train', quoted(path), ...set.map((entry) => `--set ${quoted(entry)}`)].join(' ');
}

/** Quotes a word for a shell. */
function quoted(word: string): string {
  return /^[\w./=@:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Every entry except name and seed, which identify a run and are not settings. */
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
