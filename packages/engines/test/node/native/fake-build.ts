import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../../src/node/start.ts';
import { makeWheel, tinyTensorFlow } from './make-wheel.ts';

const works: Verdict = { works: true, detail: 'fake' };
export const proveFake = async (): Promise<Verdict> => works;

/** A compiler that writes its name where the addon should be, after the given seconds. */
export function makeCompiler(folder: string, seconds = 0): string {
  const path = join(folder, `compiler-${seconds}`);
  const script = `#!/bin/sh
[ "$1" = --version ] && exit 0
sleep ${seconds}
while [ "$1" != -o ]; do shift; done
echo "$0" > "$2"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

export function makeScript(folder: string, name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A tiny wheel of that version. */
export function makeTinyWheel(folder: string, version = '2.21.0'): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `tensorflow_cpu-${version}-cp311-cp311-manylinux_2_27_x86_64.whl`);
  makeWheel(path, tinyTensorFlow);
  return path;
}
