import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { installError } from './install-error.ts';
import { kernelSources, kernelsPath, nativeSource } from './kernels.ts';
import { mutePath, muteSource } from './mute.ts';
import { type Processor, processorFlags } from './processor.ts';
import { run } from './run-program.ts';
import { addonPath, napiVersion } from './store.ts';

const require = createRequire(import.meta.url);

/** The first C++ compiler that works: `$CXX`, else c++, g++, clang++. @throws if there is none */
export async function findCompiler(): Promise<string> {
  const names = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  for (const name of names) {
    if ((await run(name, ['--version'])).code === 0) return name;
  }
  const hint =
    'Install one (Debian and Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install)';
  throw installError('a C++ compiler', 'in PATH', `none of ${names.join(', ')}`, hint);
}

/**
 * LTML's C++ sources in the addon. Headers are included into tfjs-node's sources; `.cc` files are compiled beside them.
 */
const addonSources = (extension: '.h' | '.cc'): string[] =>
  readdirSync(nativeSource('addon'))
    .sort()
    .filter((name) => name.endsWith(extension))
    .map((name) => nativeSource(join('addon', name)));

/** Version of the addon: a hash of {@link addonSources}. */
export function addonVersion(): string {
  const hash = createHash('sha256');
  for (const source of [...addonSources('.h'), ...addonSources('.cc')]) hash.update(readFileSync(source));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Compiles tfjs-node's addon with the libraries and headers in `folder/tensorflow`.
 *
 * It calls the compiler directly. Two source files and Node's stable addon headers, which are an npm package, need no
 * build system and no download.
 *
 * @param sources folder of the installed tfjs-node package
 * @param linkFlags run path to `folder/tensorflow`, where the addon finds the libraries
 */
export async function compileAddon(
  compiler: string,
  sources: string,
  folder: string,
  libraries: readonly string[],
  linkFlags: readonly string[],
): Promise<void> {
  const addon = addonPath({ folder });
  const binding = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(sources, 'binding', file));
  const missing = binding.find((file) => !existsSync(file));
  if (missing) throw installError('the sources of tfjs-node', 'complete', `no ${missing}`, 'Install it again');
  await mkdir(dirname(addon), { recursive: true });
  const muteFile = join(dirname(addon), 'mute.cc');
  await writeFile(muteFile, muteSource);
  await compile(compiler, mutePath(addon), [muteFile, ...linkFlags]);
  await rm(muteFile);
  const headers = [
    `-I${join(folder, 'tensorflow', 'include')}`,
    `-I${join(sources, 'binding')}`,
    ...addonSources('.h').flatMap((header) => ['-include', header]),
  ];
  await compile(compiler, addon, [...headers, ...binding, ...addonSources('.cc'), ...libraries, ...linkFlags]);
}

/**
 * Compiles LTML's kernels into the engine's folder, for all kinds of processors, since several machines may share a
 * cache folder. They do not need TensorFlow's headers, so an engine that was built earlier can get them later.
 */
export async function compileKernels(
  compiler: string,
  folder: string,
  libraries: readonly string[],
  linkFlags: readonly string[],
): Promise<void> {
  // Without errno and floating-point traps the compiler can use vector instructions; multiplications and additions may
  // be fused.
  const flags = ['-O3', '-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fvisibility=hidden'];
  const sources = kernelSources().filter((file) => file.endsWith('.cc'));
  const compiling = Object.entries(processorFlags()).map(async ([processor, ownFlags]) => {
    const output = kernelsPath(addonPath({ folder }), processor as Processor);
    const temporary = `${output}-${process.pid}`;
    await compile(compiler, temporary, [...flags, ...ownFlags, ...sources, ...libraries, ...linkFlags]);
    await rename(temporary, output);
  });
  await Promise.all(compiling);
}

async function compile(compiler: string, output: string, args: readonly string[]): Promise<void> {
  const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${napiVersion}`, `-I${nodeHeaders}`];
  const { code, output: messages } = await run(compiler, [...flags, '-o', output, ...args]);
  if (code === 0) return;
  const error = messages.split('\n').find((line) => line.includes('error')) ?? messages.trim().split('\n').at(-1);
  const hint = 'C++17 is needed (g++ 8, clang 7 or later); set CXX to use another compiler';
  throw installError('the addon', 'compiled', `"${error}"`, hint);
}
