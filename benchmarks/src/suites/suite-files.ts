import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@ltml/recipes/node';

const folder = fileURLToPath(new URL('../../suites', import.meta.url));

/** Collections of suites: folders of `benchmarks/suites`. */
export const collections: readonly string[] = readdirSync(folder).sort();

/**
 * The files of suites: all of a collection (`quick`), one of them (`quick/long-tail`), or any file by its path.
 *
 * @throws UsageError for a name that is none of these
 */
export function suiteFiles(name: string): readonly string[] {
  if (/\.(ya?ml|json)$/.test(name)) return [name];
  if (collections.includes(name)) return namesIn(name).map(fileOf);
  const known = collections.flatMap((collection) => [collection, ...namesIn(collection)]);
  if (known.includes(name)) return [fileOf(name)];
  throw new UsageError(`--suite: unknown "${name}"; known: ${known.join(', ')}, speed, or the path of a YAML file`);
}

function namesIn(collection: string): string[] {
  const files = readdirSync(join(folder, collection)).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => `${collection}/${file.slice(0, -'.yaml'.length)}`).sort();
}

function fileOf(name: string): string {
  return join(folder, `${name}.yaml`);
}
