import { inspectWeights, type WeightSummary } from '@ltml/backbone';
import { withWeights } from '@ltml/backbone/node';
import { sizeOfFile } from '../paths.ts';
import { printJson, printLines } from '../terminal.ts';

/** Options of `ltml weights inspect`. */
export interface InspectOptions {
  readonly tensors?: boolean;
  readonly json?: boolean;
}

interface FileSummary extends WeightSummary {
  readonly file: string;
  readonly bytes: number;
  /** Number of tensors per number format. */
  readonly formats: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly list?: readonly { readonly name: string; readonly format: string; readonly shape: readonly number[] }[];
}

/** Prints the layout, network, number formats and metadata of a weight file. */
export async function inspectFile(file: string, { tensors = false, json = false }: InspectOptions): Promise<void> {
  const size = sizeOfFile(file);
  const summary = await withWeights(file, (weights): FileSummary => {
    const list = weights.names.map((name) => ({ name, format: weights.format(name), shape: weights.shape(name) }));
    const formats: Record<string, number> = {};
    for (const { format } of list) formats[format] = (formats[format] ?? 0) + 1;
    const { metadata } = weights;
    return { file, bytes: size, ...inspectWeights(weights), formats, metadata, ...(tensors && { list }) };
  });
  if (json) await printJson(summary, 2);
  else await printLines(...formatSummary(summary));
}

function formatSummary(summary: FileSummary): string[] {
  const { file, bytes, layout, network, reason, tensors, values, formats, metadata, unknown, list = [] } = summary;
  const counts = Object.entries(formats).map(([format, count]) => `${count} ${format}`);
  return [
    `file      ${file}, ${(bytes / 1e6).toFixed(1)} MB`,
    `layout    ${layout ?? 'not known'}`,
    `network   ${network ?? `not known: ${reason}`}`,
    `tensors   ${tensors} (${counts.join(', ')}), ${values.toLocaleString('en')} values`,
    ...Object.entries(metadata).map(([name, text]) => `metadata  ${name}: ${text}`),
    ...(unknown.length > 0 ? [`unknown   ${unknown.join(', ')}`] : []),
    ...list.map(({ name, format, shape }) => `${format.padEnd(5)} [${shape.join(', ')}] ${name}`),
  ];
}
