import { installError } from './install-error.ts';

/** Differences between the systems on which the native engine can be built. */
export interface NativePlatform {
  /** Platform tags of wheels for pip. With them, the user's own Python version does not matter. */
  readonly tags: readonly string[];
  /** Name on PyPI of the build without GPU. If a system has no GPU build, that is `tensorflow` itself. */
  readonly project: string;
  readonly hasCuda: boolean;
  /** Linker flags besides the libraries. */
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

/** The platform of this system. @throws NotSupportedError if there is no TensorFlow wheel for it */
export function nativePlatform(): NativePlatform {
  const name = `${process.platform}-${process.arch}`;
  const platform = platforms[name];
  if (platform) return platform;
  const hint = 'Use the "webgpu" or "wasm" engine, which need no installation';
  throw installError('this system', `one of ${Object.keys(platforms).join(', ')}`, name, hint);
}
