import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type KnownWeights, type ZooEncoder, zoo } from '../src/index.ts';

// Writes the tables of docs/encoders.md: node --import tsx packages/backbone/scripts/encoders-page.ts

const marks = ['<!-- tables of the zoo -->', '<!-- end of the tables -->'] as const;

const families: readonly (readonly [title: string, kinds: readonly ZooEncoder['network']['kind'][]])[] = [
  ['Carried by `@ltml/backbone`', ['resnet-tiny', 'tiny-clip']],
  ['ResNets', ['resnet', 'basic-resnet']],
  ['Vision transformers', ['vit']],
  ['CLIP', ['clip-resnet', 'clip-vit']],
];

/** The page with its tables made anew. */
export function withTables(page: string): string {
  const [before, rest] = page.split(marks[0]);
  const after = rest.split(marks[1])[1];
  const tables = families.map(([title, kinds]) => table(title, kinds)).join('\n\n');
  return `${before}${marks[0]}\n\n${tables}\n\n${marks[1]}${after}`;
}

function table(title: string, kinds: readonly string[]): string {
  const rows = zoo.filter(({ network }) => kinds.includes(network.kind)).map(row);
  return [
    `### ${title}`,
    '',
    '| name | also called | gives | D | pixels | weights, licence |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function row({ name, aliases, encodings, width, imageSize, weights }: ZooEncoder): string {
  const cells = [
    `\`${name}\``,
    aliases.map((alias) => `\`${alias}\``).join(', '),
    encodings.join(', '),
    `${width}`,
    `${imageSize}`,
    weights.map(weightsCell).join('; '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function weightsCell({ hub, aliases = [], licence }: KnownWeights): string {
  const others = aliases.length > 0 ? ` (${aliases.map((alias) => `\`${alias}\``).join(', ')})` : '';
  return `\`${hub}\`${others}, ${licence}`;
}

const path = fileURLToPath(new URL('../../../docs/encoders.md', import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(path, withTables(await readFile(path, 'utf8')));
