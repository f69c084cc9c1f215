import { DataError, type HostTensor, readSafetensors } from '@ltml/tensor';
import { parseConfiguration } from './configuration.ts';

/** Where weights come from: tensors by name, read when they are asked for. A `SafetensorsFile` is one. */
export interface WeightSource {
  readonly names: readonly string[];
  /**
   * The configuration that came with the weights, as JSON reads it: a `config.json` of Hugging Face or timm, or an
   * `open_clip_config.json`. It tells what shapes do not, such as the number of heads; left out where there is none.
   */
  readonly config?: unknown;
  /** The shape of a tensor, without reading it. */
  shape(name: string): readonly number[];
  /** The number format of a tensor, without reading it, e.g. `F16`. */
  format?(name: string): string;
  read(name: string): HostTensor | Promise<HostTensor>;
}

/**
 * Tensors that are in memory already.
 *
 * @param config see {@link WeightSource}
 */
export function tensorSource(tensors: ReadonlyMap<string, HostTensor>, config?: unknown): WeightSource {
  const get = (name: string): HostTensor => {
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    throw new DataError({ where: 'tensorSource', argument: 'name', expected: 'one of the names', received: name });
  };
  return {
    names: [...tensors.keys()],
    config,
    shape: (name) => get(name).shape,
    format: (name) => get(name).dtype,
    read: get,
  };
}

/**
 * The bytes of a safetensors file, such as a browser fetches.
 *
 * @param config see {@link WeightSource}; default the text named `config` in the file's metadata
 * @throws DataError on a truncated or hostile file, and on a pickle, with the command that converts it
 */
export function bytesSource(bytes: Uint8Array, config?: unknown): WeightSource {
  refusePickle('bytesSource', bytes.subarray(0, 8), 'weights.pt');
  const { tensors, metadata } = readSafetensors(bytes);
  const own = metadata.config === undefined ? undefined : parseConfiguration('metadata config', metadata.config);
  return tensorSource(tensors, config ?? own);
}

/**
 * Refuses PyTorch's own files. They hold programs, which run when they are opened, so this library does not read them.
 *
 * @param start the first 8 bytes of the file
 * @throws DataError with the command that converts it
 */
export function refusePickle(where: string, start: Uint8Array, path: string): void {
  const received = recognise(start);
  if (!received) return;
  const target = path.replace(/\.(pt|pth|bin|ckpt|pkl|tar)$/, '');
  throw new DataError({
    where,
    argument: path,
    expected: 'a safetensors file',
    received,
    hint: `Convert it, where Python, torch and safetensors are, and if you trust it: ${conversion(path, `${target}.safetensors`)}`,
  });
}

function recognise(start: Uint8Array): string | undefined {
  const begins = (...bytes: number[]): boolean => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04)) return 'a zip archive, as torch.save and TorchScript write it';
  // Protocols 2 to 5; the rest of a safetensors header's length would be absurd with this first byte and a small second.
  if (start[0] === 0x80 && start[1] >= 2 && start[1] <= 5 && start.subarray(2).some((byte) => byte !== 0)) {
    return 'a pickle, as torch.save wrote it before 1.6';
  }
  return undefined;
}

/**
 * One line, to be pasted. `weights_only` runs nothing of the file; OpenAI's archives are programs, known by their constants,
 * which torch.jit loads.
 */
function conversion(from: string, to: string): string {
  const lines = [
    'import sys, torch, zipfile as z',
    'from safetensors.torch import save_file',
    'p, to = sys.argv[1:]',
    "jit = z.is_zipfile(p) and any(n.endswith('constants.pkl') for n in z.ZipFile(p).namelist())",
    "w = torch.jit.load(p, 'cpu').state_dict() if jit else torch.load(p, 'cpu', weights_only=True)",
    "w = w.get('state_dict', w)",
    'save_file({k: v.clone().contiguous() for k, v in w.items() if torch.is_tensor(v)}, to)',
  ];
  return `python3 -c "${lines.join('; ')}" ${shellWord(from)} ${shellWord(to)}`;
}

/** A path as a word of a shell's command line. */
function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
