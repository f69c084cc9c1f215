import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { ownProcessor, type Processor, processorFeatures, processorToUse } from '../native/processor.ts';
import { run } from '../native/run-program.ts';
import { threadCount } from '../thread-count.ts';

/** The properties of a machine that matter to the engines. */
export interface Machine {
  readonly system: string;
  readonly cpu: string;
  /** Instruction sets that matter to the engines, as the kernel names them. */
  readonly cpuFeatures: readonly string[];
  /** The kind of processor that our kernels are taken for; `LTML_CPU` may say a slower one than this. */
  readonly kernels: Processor;
  readonly processor: Processor;
  /** Threads this process may use. */
  readonly threads: number;
  /** Those of them that engines compute with; `LTML_THREADS` may say fewer. */
  readonly engineThreads: number;
  readonly memoryGB: number;
  /** Of it what this process can still have. */
  readonly freeGB: number;
  /** NVIDIA's cards, with memory, free memory and driver, as nvidia-smi tells them. */
  readonly gpus: readonly string[];
  /** Versions by package; `null` where it is not installed. */
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

/** Finds out what this machine has. */
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
    // The manifest is not always exported: look for it above the main file.
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
