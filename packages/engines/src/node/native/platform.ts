import { installError } from './install-error.ts';

/** What differs between the systems on which the native engine can be built. */
export interface NativePlatform {
  /** The wheel tags pip is asked for, so that the user's own Python version does not matter. */
  readonly tags: readonly string[];
  /** PyPI's project for the plain build; where there is no GPU build, `tensorflow` itself is the plain one. */
  readonly project: string;
  readonly hasCuda: boolean;
  /** What the linker must be told besides the libraries. */
  readonly linkFlags: readonly string[];
}

const platforms: Readonly<Record<string, NativePlatform>> = {
  'linux-x64': {
    tags: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
    project: 'tensorflow-cpu',
    hasCuda: true,
    linkFlags: ['-Wl,-rpath,$ORIGIN/../tensorflow'],
  },
  'linux-arm64': {
    tags: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
    project: 'tensorflow',
    hasCuda: false,
    linkFlags: ['-Wl,-rpath,$ORIGIN/../tensorflow'],
  },
  'darwin-arm64': {
    tags: ['macosx_12_0_arm64'],
    project: 'tensorflow',
    hasCuda: false,
    linkFlags: ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../tensorflow'],
  },
};

/** @throws NotSupportedError where no TensorFlow wheel fits the system */
export function nativePlatform(): NativePlatform {
  const name = `${process.platform}-${process.arch}`;
  const platform = platforms[name];
  if (platform) return platform;
  const hint = 'Use the "webgpu" or the "wasm" engine, which need no installation';
  throw installError('this system', `one of ${Object.keys(platforms).join(', ')}`, name, hint);
}
