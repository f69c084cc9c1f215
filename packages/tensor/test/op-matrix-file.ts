import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What an engine does with an op: value and gradient right, value only, or neither. Empty: not tried yet. */
export type Support = 'value, gradient' | 'value' | 'no' | '';

/** What an engine does with an op, and whether it treats no images, and whole numbers and booleans, as it should. */
export interface Judgement {
  readonly support: Support;
  readonly empty: boolean;
  readonly dtype: boolean;
}

/** Cells by op, then by column. */
export type OpMatrix = ReadonlyMap<string, Readonly<Record<string, string>>>;

const engines = ['cpu', 'wasm', 'tensorflow', 'tensorflow-gpu', 'webgpu'];

const path = fileURLToPath(new URL('../../../docs/op-matrix.md', import.meta.url));

const head = `# Ops by engine

What each engine computes right: values and gradients within 1e-4 of the largest value of the reference engine (\`cpu\`,
plain JavaScript). An empty cell has not been tried. \`tensorflow-gpu\` and \`webgpu\` need a machine that has them.

\`empty\`: engines on which the op takes a batch of no images, and returns an empty result with zero gradients.
(\`batchNormTraining\` refuses such a batch, because it has no variance.) \`dtype\`: engines on which int32 and bool inputs
give the same result as float32 inputs.

Written by the tests, one engine a run: \`LTML_WRITE_MATRIX=1 LTML_BACKEND=wasm npx vitest run --project tensor op-matrix\`.
`;

export function readMatrix(): OpMatrix {
  if (!existsSync(path)) return new Map();
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  const [[, ...columns], , ...ops] = rows;
  return new Map(
    ops.map(([op, ...cells]) => [op, Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']))]),
  );
}

/** Writes what one engine does; what the others do stays. Rows of ops that are gone go with them. */
export function writeEngine(engine: string, judgements: ReadonlyMap<string, Judgement>): void {
  const before = readMatrix();
  const columns = [...engines, 'empty', 'dtype'];
  const rows = [...judgements].map(([op, { support, empty, dtype }]) => {
    const cells = before.get(op) ?? {};
    const listed = (column: string, isRight: boolean) =>
      engines.filter((name) => (name === engine ? isRight : namesIn(cells[column]).includes(name))).join(', ');
    const after = { ...cells, [engine]: support, empty: listed('empty', empty), dtype: listed('dtype', dtype) };
    return [op, ...columns.map((column) => (after as Record<string, string>)[column] ?? '')];
  });
  const table = [['op', ...columns], ['---', ...columns.map(() => '---')], ...rows];
  writeFileSync(path, `${head}\n${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`);
}

/** The engines that a cell lists. */
export function namesIn(cell: string | undefined): string[] {
  return cell ? cell.split(', ') : [];
}
