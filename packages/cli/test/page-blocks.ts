import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function markdownIn(folder: string, recursive: boolean): string[] {
  const files = readdirSync(join(root, folder), { recursive }) as string[];
  return files.filter((file) => file.endsWith('.md')).map((file) => join(folder, file));
}

/** Every page that readers are given, as a path from the root. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...markdownIn('docs', true),
  ...markdownIn('examples', false),
  'examples/tagger/README.md',
  'benchmarks/gpu/README.md',
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md')),
].filter((page) => page !== 'docs/exports.md');

export interface Block {
  /** Page and line. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
}

const fence = /^```(\w+)\n(.*?)^```/gms;

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Blocks of code of all pages. */
export const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = textOf(page);
  return Array.from(text.matchAll(fence), (match) => {
    const line = text.slice(0, match.index).split('\n').length;
    return { place: `${page}:${line}`, language: match[1], text: match[2] };
  });
});

/** Code in the sentences of all pages. */
export const inlineCode: readonly { readonly page: string; readonly code: string }[] = pages.flatMap((page) => {
  const sentences = textOf(page).replace(fence, '');
  return Array.from(sentences.matchAll(/`([^`]+)`/g), ([, code]) => ({ page, code: code.replace(/\s+/g, ' ') }));
});
