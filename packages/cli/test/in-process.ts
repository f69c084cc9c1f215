import { vi } from 'vitest';
import { main } from '../src/program.ts';

/** What a command printed, and its exit code. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, which saves the seconds that a process of its own takes to start. */
export async function ltml(...args: readonly string[]): Promise<Ended> {
  const [out, err] = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(() => true),
  );
  const text = (spy: typeof out): string => spy.mock.calls.map(([part]) => String(part)).join('');
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const code = await main(args);
    return { code, stdout: text(out), stderr: text(err) };
  } finally {
    process.exitCode = before;
    out.mockRestore();
    err.mockRestore();
  }
}
