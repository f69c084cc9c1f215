import { type Pulled, pull } from '../hub/pull.ts';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';

/** Options of `ltml weights pull`. */
export interface PullCommandOptions {
  readonly revision?: string;
  /** Paths of files; empty: the weights, and configuration and tokenizer if there are. */
  readonly file: readonly string[];
  readonly json?: boolean;
}

/** Downloads missing files and prints the paths of all. */
export async function pullWeights(model: string, { revision, file, json }: PullCommandOptions): Promise<void> {
  const line = new ProgressLine();
  try {
    const pulled = await pull(model, {
      ...(revision && { revision }),
      ...(file.length > 0 && { files: file }),
      onProgress: (done, total, path) =>
        line.show(done / total, `${path}  ${megabytes(done)} of ${megabytes(total)} MB`),
    });
    line.clear();
    if (json) await printJson(pulled, 2);
    else await printLines(...format(pulled));
  } finally {
    line.clear();
  }
}

function format({ repository, commit, files }: Pulled): string[] {
  return [
    `${repository} at ${commit}`,
    ...files.map(({ file, already }) => `${file}${already ? '  (already there)' : ''}`),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
