import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { ownProcessor, type Processor, processorFeatures, processorToUse } from '../native/processor.ts';
import { run } from '../native/run-program.ts';
import { threadCount } from '../thread-count.ts';

/** The properties of a machine that matter to the engines. */
export interface Machine {
  /** Operating system and processor architecture. */
  readonly system: string;
  /** Model of the processor. */
  readonly cpu: string;
  /** Instruction sets that matter to engines, by the names of the Linux kernel. */
  readonly cpuFeatures: readonly string[];
  /** Kind of processor whose kernels are used. `LTML_CPU` may choose a slower one than `processor`. */
  readonly kernels: Processor;
  /** Kind of this processor. */
  readonly processor: Processor;
  /** Number of threads that this process may use. */
  readonly threads: number;
  /** Number of threads that engines compute with. `LTML_THREADS` may choose fewer. */
  readonly engineThreads: number;
  /** Memory of the machine. */
  readonly memoryGB: number;
  /** Memory that this process can still use. */
  readonly freeGB: number;
  /** NVIDIA cards with memory, free memory and driver, from nvidia-smi. */
  readonly gpus: readonly string[];
  /** Versions by package; `null` if not installed. */
  readonly versions: Readonly<Record<string, string | null>>;
}

const telling =
  /^(sse4_2|avx|avx2|fma|f16c|avx512f|avx512_vnni|avx512_bf16|avx_vnni|amx_tile|amx_bf16|asimd|asimdhp|sve|sve2|bf16|i8mm)$/;

const packages = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
  '@tensorflow/tfjs-backend-webgpu',
  'webgpu',
];

/** Describes this machine. */
export async function inspectMachine(): Promise<Machine> {
  return {
    system: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpuFeatures: processorFeatures().filter((feature) => telling.test(feature)),
    kernels: processorToUse(),
    processor: ownProcessor(),
    threads: availableParallelism(),
    engineThreads: threadCount(),
    memoryGB: gigabytes(totalmem()),
    freeGB: gigabytes(process.availableMemory()),
    gpus: await listGpus(),
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(packages.map((name) => [name, installedVersion(name)])),
    },
  };
}

function gigabytes(bytes: number): number {
  return Math.round(bytes / 1e8) / 10;
}

async function listGpus(): Promise<string[]> {
  const query = ['--query-gpu=name,memory.total,memory.free,driver_version', '--format=csv,noheader'];
  const { code, output } = await run('nvidia-smi', query);
  if (code !== 0) return [];
  return output
    .trim()
    .split('\n')
    .map((line) => line.replace(/, ([^,]+), ([\d.]+)$/, ', $1 free, driver $2'));
}

function installedVersion(name: string): string | null {
  const require = createRequire(import.meta.url);
  try {
    // Packages do not always export their manifest: look for it in the folders above the main file.
    let folder = dirname(require.resolve(name));
    while (folder !== dirname(folder)) {
      const file = join(folder, 'package.json');
      const manifest = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
      if (manifest.name === name) return manifest.version ?? null;
      folder = dirname(folder);
    }
  } catch {
    // Not installed.
  }
  return null;
}
