import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The files and folders that each step of a section of CONTRIBUTING.md names, from the folder of the repository.
 *
 * @param names what stands in place of `<name>`, `<group>` and so on
 */
export function stepsOf(section: string, names: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return sectionOf(section)
    .split(/^\d+\. /m)
    .slice(1)
    .map((step) =>
      Array.from(step.matchAll(/`([\w.<][\w.<>-]*\/[\w./<>-]+)`/g), ([, path]) =>
        path.replaceAll(/<(\w+)>/g, (_, key: string) => names[key]),
      ),
    );
}

/** The text of a section of CONTRIBUTING.md. */
export function sectionOf(title: string): string {
  const sections = readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8').split(/^## /m);
  return sections.find((section) => section.startsWith(`${title}\n`)) ?? '';
}
