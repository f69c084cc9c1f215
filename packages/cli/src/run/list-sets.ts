import { type PublishedSet, publishedSets } from '@ltml/data';
import { printJson, printLines } from '../terminal.ts';
import { textTable } from '../text-table.ts';

/** Prints the published data sets that LTML can read. */
export async function listSets({ json = false }: { readonly json?: boolean }): Promise<void> {
  const sets = Object.entries(publishedSets as Readonly<Record<string, PublishedSet>>).map(([name, set]) => {
    const { title, source, splits, options, lists, files } = set;
    return { name, title, source, splits, options, ...(lists !== undefined && { lists }), ...(files && { files }) };
  });
  if (json) return printJson(sets, 2);
  const rows = sets.map(({ name, title, splits, source }) => [
    ...[name, title, Object.values(splits).join(', '), source],
  ]);
  await printLines(
    ...textTable(['name', 'data set', 'splits', 'published at'], rows),
    '',
    'check your copy: ltml data check NAME DIR; use it in a recipe: data: { name: NAME, root: DIR }',
  );
}
