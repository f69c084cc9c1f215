import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

export type ChildResult<T> = { readonly value: T } | { readonly failure: string };

/**
 * Calls an exported function of `@ltml/engines/node` in a process of its own, which a bad library may crash.
 *
 * @returns its value, or in words how the process failed
 */
export function inChild<T>(exported: string, argument: unknown, seconds = 60): Promise<ChildResult<T>> {
  const entry = require.resolve('@ltml/engines/node');
  // From source, in this repository, the child needs the loader of TypeScript that we run under ourselves.
  const loader = entry.endsWith('.ts') ? ['--import', pathToFileURL(require.resolve('tsx')).href] : [];
  const code = `
    const module = await import(${JSON.stringify(pathToFileURL(entry).href)});
    const value = await module[${JSON.stringify(exported)}](${JSON.stringify(argument)});
    process.send(value, () => process.exit(0));`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...loader, '--input-type=module', '--eval', code], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // All that its library has to say, for the reason if it fails.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => (errors += text));
    let result: ChildResult<T> | undefined;
    child.on('message', (value) => (result = { value: value as T }));
    child.on('error', (error) => (errors += error.message));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve(result ?? { failure: describeEnd(code, signal, errors) });
    });
  });
}

function describeEnd(code: number | null, signal: string | null, errors: string): string {
  if (signal === 'SIGILL') return 'it needs CPU instructions that this machine lacks (SIGILL)';
  if (signal === 'SIGKILL') return 'it did not answer in time, or was ended for want of memory';
  const lines = errors.split('\n').filter((line) => line.trim() && !/^\s+at |^Node\.js v/.test(line));
  const last = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  return `its test process ended with ${signal ?? `code ${code}`}${last ? `: ${last.trim()}` : ''}`;
}
