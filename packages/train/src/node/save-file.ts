import { writeSync } from 'node:fs';
import { DataError, type HostTensor } from '@ltml/tensor';
import { writeFileAtomically, writeSafetensorsFile } from '@ltml/tensor/node';

// Every file of a run is written in full or not at all. A write that the system refuses (a full disk, say) is a
// DataError that names file and reason; the file of that name is as it was then.

/** Writes text. */
export function saveText(path: string, lines: readonly string[]): Promise<void> {
  return explained(path, writeFileAtomically(path, lines));
}

/** Writes a value as readable JSON. */
export function saveJson(path: string, value: unknown): Promise<void> {
  return saveText(path, [`${JSON.stringify(value, null, 2)}\n`]);
}

/** Writes tensors as a safetensors file. */
export function saveTensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  return explained(path, writeSafetensorsFile(path, tensors, { metadata }));
}

/** Appends a record to an open log at once, so that a killed run keeps what it told. */
export function append(path: string, file: number, record: Uint8Array): void {
  try {
    writeSync(file, record);
  } catch (cause) {
    throw explain(path, cause);
  }
}

async function explained(path: string, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (cause) {
    throw explain(path, cause);
  }
}

function explain(path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  return new DataError({
    where: 'saving a run',
    argument: path,
    expected: 'writable',
    received: reasons[cause.code] ?? cause.message,
    hint: 'What was written before is intact, and the run can be resumed from its last checkpoint.',
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'a full disk (ENOSPC)',
  EDQUOT: 'an exhausted quota (EDQUOT)',
  EFBIG: 'a file larger than the system allows (EFBIG)',
};

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
