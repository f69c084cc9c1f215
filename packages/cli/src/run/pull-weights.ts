import { type Pulled, pull } from '../hub/pull.ts';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';

export interface PullCommandOptions {
  readonly revision?: string;
  /** By default those of the model that are of use. */
  readonly file: readonly string[];
  readonly json?: boolean;
}

/** Fetches what is missing and prints where the files are. */
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
    ...files.map(({ file, already }) => `${file}${already ? '  (was there)' : ''}`),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
