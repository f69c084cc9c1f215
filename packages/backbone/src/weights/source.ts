import { DataError, type HostTensor, readSafetensors } from '@ltml/tensor';
import { parseConfiguration } from './configuration.ts';

/** A source of weights: tensors by name, which are read on request. `SafetensorsFile` is one. */
export interface WeightSource {
  /** The names of the tensors. */
  readonly names: readonly string[];
  /**
   * The parsed configuration that came with the weights: a `config.json` of Hugging Face or timm, or an
   * `open_clip_config.json`. It has what shapes do not show, e.g. the number of heads; left out if there is none.
   */
  readonly config?: unknown;
  /** The shape of a tensor; does not read the tensor. */
  shape(name: string): readonly number[];
  /** The number format of a tensor, e.g. `F16`; does not read the tensor. */
  format?(name: string): string;
  /** Reads a tensor. @throws DataError for a name that does not exist */
  read(name: string): HostTensor | Promise<HostTensor>;
}

/**
 * A source from tensors in memory.
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
 * A source from the bytes of a safetensors file, e.g. downloaded by a browser.
 *
 * @param config see {@link WeightSource}; default the text `config` in the file's metadata
 * @throws DataError on a truncated or hostile file, and on a pickle, with the command that converts it
 */
export function bytesSource(bytes: Uint8Array, config?: unknown): WeightSource {
  refusePickle('bytesSource', bytes.subarray(0, 8), 'weights.pt');
  const { tensors, metadata } = readSafetensors(bytes);
  const own = metadata.config === undefined ? undefined : parseConfiguration('metadata config', metadata.config);
  return tensorSource(tensors, config ?? own);
}

/**
 * Refuses PyTorch's own file formats. They contain programs that run when the file is opened, so this library does not
 * read them.
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
    hint:
      'If you trust it, convert it on a machine with Python, torch and safetensors: ' +
      conversion(path, `${target}.safetensors`),
  });
}

function recognise(start: Uint8Array): string | undefined {
  const begins = (...bytes: number[]): boolean => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04)) return 'a zip archive, as written by torch.save or TorchScript';
  // Protocols 2 to 5. As the length of a safetensors header, these two bytes would give an absurd number.
  if (start[0] === 0x80 && start[1] >= 2 && start[1] <= 5 && start.subarray(2).some((byte) => byte !== 0)) {
    return 'a pickle, as written by torch.save before 1.6';
  }
  return undefined;
}

/**
 * A one-line command to paste. `weights_only` runs no code of the file. OpenAI's archives are programs, recognised by
 * their constants, and are loaded with torch.jit.
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

/** A path quoted for a shell's command line. */
function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
