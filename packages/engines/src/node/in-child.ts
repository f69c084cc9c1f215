import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** The result of a call in another process, or why it failed. */
export type ChildResult<T> = { readonly value: T } | { readonly failure: string };

/**
 * Calls a function that `@ltml/engines/node` exports in another process, which a faulty library may crash.
 *
 * @param exported name of the function
 * @param argument plain JSON
 * @param seconds after which the process is killed
 * @returns its result, or a description of the failure
 */
export function inChild<T>(exported: string, argument: unknown, seconds = 60): Promise<ChildResult<T>> {
  const entry = require.resolve('@ltml/engines/node');
  // If this code runs from TypeScript sources, the child needs the same loader.
  const loader = entry.endsWith('.ts') ? ['--import', pathToFileURL(require.resolve('tsx')).href] : [];
  const code = `
    const module = await import(${JSON.stringify(pathToFileURL(entry).href)});
    const value = await module[${JSON.stringify(exported)}](${JSON.stringify(argument)});
    process.send(value, () => process.exit(0));`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...loader, '--input-type=module', '--eval', code], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Show all messages of TensorFlow: they have the reason if it fails.
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
  if (signal === 'SIGKILL') return 'it did not answer in time, or the system was out of memory';
  const lines = errors.split('\n').filter((line) => line.trim() && !/^\s+at |^Node\.js v/.test(line));
  const last = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  return `its test process ended with ${signal ?? `code ${code}`}${last ? `: ${last.trim()}` : ''}`;
}
