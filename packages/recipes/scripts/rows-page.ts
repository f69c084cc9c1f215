// Writes docs/reproduce.md from the published rows: node --import tsx packages/recipes/scripts/rows-page.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type PublishedSet, publishedSets } from '@ltml/data';
import {
  type PublishedPaper,
  type PublishedRow,
  publishedRows,
  type Recipe,
  resolve,
  rowRecipe,
} from '../src/node/index.ts';

const file = fileURLToPath(new URL('../../../docs/reproduce.md', import.meta.url));
/** What is written by hand ends here. */
const mark = '<!-- Below this line: written by packages/recipes/scripts/rows-page.ts -->\n';

/** The page as it should be: what stands above the mark, and the rows below it. */
export async function rowsPage(): Promise<string> {
  const [byHand] = readFileSync(file, 'utf8').split(mark);
  const papers = [...new Set(publishedRows().map(({ paper }) => paper))];
  const parts = await Promise.all(papers.map(ofPaper));
  return `${byHand}${mark}\n${parts.join('\n')}`;
}

async function ofPaper(paper: PublishedPaper): Promise<string> {
  const recipes = new Map<PublishedRow, Recipe>();
  for (const row of paper.rows) {
    const { value, locate } = rowRecipe(row);
    recipes.set(row, await resolve(value, locate));
  }
  const tables = new Map<string, PublishedRow[]>();
  for (const row of paper.rows) {
    const key = JSON.stringify([recipes.get(row)?.data.name, row.columns]);
    tables.set(key, [...(tables.get(key) ?? []), row]);
  }
  return [
    `## \`${paper.name}\``,
    '',
    `[${paper.paper}](${paper.link}).`,
    '',
    ...[...tables.values()].flatMap((rows) => ofTable(rows, recipes.get(rows[0]) as Recipe)),
    'What is otherwise here than in the paper:',
    '',
    ...paper.differences.map(item),
    '',
    'What is known of the figures:',
    '',
    ...paper.inexact.map(item),
    ...ownNotes(paper).map(item),
    ...(paper.notHere.length === 0
      ? []
      : ['', `Rows of its tables whose methods are not here: ${paper.notHere.map(({ name }) => name).join('; ')}.`]),
    '',
  ].join('\n');
}

/** What is known of single rows, each sentence once. */
function ownNotes({ rows }: PublishedPaper): string[] {
  const names = new Map<string, Set<string>>();
  for (const { name, group, inexact } of rows) {
    for (const sentence of inexact) names.set(sentence, (names.get(sentence) ?? new Set()).add(group?.name ?? name));
  }
  return [...names].map(([sentence, own]) => `${[...own].map((name) => `\`${name}\``).join(', ')}: ${sentence}`);
}

function ofTable(rows: readonly PublishedRow[], { data, encoder }: Recipe): string[] {
  const [{ columns }] = rows;
  const { title } = (publishedSets as Readonly<Record<string, PublishedSet>>)[data.name];
  const groups = new Map(rows.flatMap(({ group }) => (group ? [[group.name, group]] : [])));
  const lines = rows.flatMap((row) => {
    const { name, group, source, figures } = row;
    if (group && figures.every((value) => value === null)) {
      // Points without figures stand in one line.
      const points = rows.filter((other) => other.group?.name === group.name);
      if (points[0] !== row) return [];
      const ends = points.map((point) => point.name.slice(group.name.length + 1));
      return [[`\`${group.name}/…\`: ${ends.join(', ')}`, source, ...figures.map(figure)]];
    }
    return [[`\`${name}\``, source, ...figures.map(figure)]];
  });
  const means = [...groups.values()]
    .filter(({ mean }) => mean.some((value) => value !== null))
    .map(({ name, mean }) => [`\`${name}\`, mean`, '', ...mean.map(figure)]);
  const table = [['row', 'source', ...columns], ['---', '---', ...columns.map(() => '--:')], ...lines, ...means];
  return [`### ${title}, \`${encoder.name}\``, '', ...table.map((cells) => `| ${cells.join(' | ')} |`), ''];
}

function item(sentence: string): string {
  return `- ${sentence}`;
}

function figure(value: number | null): string {
  return value === null ? '–' : String(value);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, await rowsPage());
