import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installError } from './install-error.ts';
import { downloadWheels } from './pip.ts';
import type { NativePlatform } from './platform.ts';
import { type Progress, readMember, unpackWheel, wheelVersion } from './wheel.ts';

/** Source of libtensorflow: wheels to unpack, or a folder with the unpacked library. */
export type Source =
  | { readonly kind: 'pip'; readonly version: string }
  | { readonly kind: 'wheels'; readonly version: string; readonly paths: readonly string[] }
  | { readonly kind: 'folder'; readonly version: string; readonly path: string };

const library = /^libtensorflow(_cc)?\.(so\.2|2\.dylib)$/;
const framework = /^libtensorflow_framework\.(so\.2|2\.dylib)$/;
/** Files of TensorFlow's wheel that the addon needs: two libraries, and the headers of the C interface. */
const tensorflowMember =
  /^tensorflow\/(libtensorflow_(cc|framework)\.(so\.2|2\.dylib)|include\/(tensorflow\/(c|core\/platform|tsl)|tsl|xla\/tsl)\/.*\.h)$/;
const cudaMember = /^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/;

/**
 * Finds out what kind of source `from` is: undefined (pip downloads it), a wheel, a folder of wheels, or a folder with
 * the unpacked library. That may be the `site-packages` of a Python environment, the `tensorflow` package in it, or an
 * unpacked libtensorflow archive.
 *
 * @param version for pip
 * @throws NotSupportedError if there is no TensorFlow at that path
 */
export async function resolveSource(from: string | undefined, version: string): Promise<Source> {
  if (from === undefined) return { kind: 'pip', version };
  const path = await realpath(from).catch((error) => {
    throw installError('--from', 'a wheel or a folder', `nothing at ${from}`, 'Check the path', error);
  });
  if (path.endsWith('.whl')) return { kind: 'wheels', version: wheelVersion(path), paths: [path] };
  const files = await readdir(path).catch((error) => {
    throw installError('--from', 'a wheel or a folder', path, 'Give a .whl file, e.g. downloaded by pip', error);
  });
  const wheels = files.filter((file) => file.endsWith('.whl')).map((file) => join(path, file));
  const main = wheels.find((file) => /\/tensorflow(_cpu)?-[^/]*$/.test(file));
  if (main) return { kind: 'wheels', version: wheelVersion(main), paths: wheels };
  const folder = await libraryFolder(path);
  return { kind: 'folder', version: await folderVersion(folder), path: folder };
}

/**
 * Puts libtensorflow and its headers into `folder/tensorflow`, and CUDA's libraries into `folder/nvidia`. That is their
 * layout in wheels, and TensorFlow looks for CUDA there.
 *
 * @returns the sha256 of each file that came from a wheel
 */
export async function unpackSource(
  source: Source,
  cuda: boolean,
  platform: NativePlatform,
  folder: string,
  progress: Progress,
): Promise<Record<string, string>> {
  if (source.kind === 'folder') {
    await linkFolder(source.path, folder);
    return {};
  }
  const wheels = source.kind === 'pip' ? await fetchWheels(source.version, cuda, platform, folder) : source.paths;
  const hashes: Record<string, string> = {};
  for (const wheel of wheels) {
    const wanted = (member: string): boolean => tensorflowMember.test(member) || (cuda && cudaMember.test(member));
    Object.assign(hashes, await unpackWheel(wheel, wanted, folder, progress));
  }
  if (Object.keys(hashes).some((file) => file.startsWith('tensorflow/lib'))) return hashes;
  throw installError(
    'the wheel',
    'a TensorFlow wheel',
    'one without libtensorflow',
    'TensorFlow 2.12 or later is needed',
  );
}

/** Paths of the two files of libtensorflow in `folder/tensorflow`. */
export async function listLibraries(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, 'tensorflow'));
  return files
    .filter((file) => library.test(file) || framework.test(file))
    .map((file) => join(folder, 'tensorflow', file));
}

async function fetchWheels(
  version: string,
  cuda: boolean,
  platform: NativePlatform,
  folder: string,
): Promise<readonly string[]> {
  const downloads = join(folder, 'wheels');
  const project = cuda ? 'tensorflow' : platform.project;
  const wheels = await downloadWheels([`${project}==${version}`], platform.tags, downloads);
  if (!cuda || !wheels[0]) return wheels;
  // The extra `and-cuda` of TensorFlow's wheel lists the CUDA libraries that it was built for.
  const metadata = await readMember(wheels[0], '.dist-info/METADATA');
  const lines = metadata.matchAll(/^Requires-Dist: (nvidia-[^;]+);.*extra == ["']and-cuda["']/gm);
  const libraries = [...lines].map(([, requirement]) => (requirement as string).trim().replace(/[() ]/g, ''));
  return libraries.length > 0 ? await downloadWheels(libraries, platform.tags, downloads) : wheels;
}

async function libraryFolder(path: string): Promise<string> {
  for (const folder of [path, join(path, 'tensorflow'), join(path, 'lib')]) {
    const files = existsSync(folder) ? await readdir(folder) : [];
    if (files.some((file) => library.test(file)) && files.some((file) => framework.test(file))) return folder;
  }
  const hint = 'Give a TensorFlow wheel, a site-packages folder with tensorflow in it, or an unpacked libtensorflow';
  throw installError('--from', 'a folder with libtensorflow_cc and libtensorflow_framework', path, hint);
}

function includeFolder(libraries: string): string {
  const beside = [join(libraries, 'include'), join(dirname(libraries), 'include')];
  const found = beside.find((folder) => existsSync(join(folder, 'tensorflow', 'c', 'c_api.h')));
  if (found) return found;
  throw installError(
    '--from',
    'a folder with the headers of libtensorflow',
    `no include folder beside ${libraries}`,
    'Give a folder with the whole package',
  );
}

/**
 * Version of an unpacked library: from the metadata beside it in a Python environment; `local` for an archive, which
 * has none.
 */
async function folderVersion(libraries: string): Promise<string> {
  const beside = await readdir(dirname(libraries));
  const versions = beside.map((name) => /^tensorflow(?:_cpu)?-([^-]+)\.dist-info$/.exec(name)?.[1]);
  return versions.find((version) => version !== undefined) ?? 'local';
}

async function linkFolder(libraries: string, folder: string): Promise<void> {
  const target = join(folder, 'tensorflow');
  await mkdir(target);
  for (const file of await readdir(libraries)) {
    if (library.test(file) || framework.test(file)) await linkOrCopy(join(libraries, file), join(target, file));
  }
  await symlink(includeFolder(libraries), join(target, 'include'));
  const nvidia = join(dirname(libraries), 'nvidia');
  if (!existsSync(nvidia)) return;
  for (const file of await readdir(nvidia, { recursive: true })) {
    if (!cudaMember.test(`nvidia/${file}`)) continue;
    await mkdir(join(folder, 'nvidia', dirname(file)), { recursive: true });
    await linkOrCopy(join(nvidia, file), join(folder, 'nvidia', file));
  }
}

/** Links a file, or copies it to another disk. A hard link needs no space, and stays when the original is deleted. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const real = await realpath(from);
  await link(real, to).catch(() => copyFile(real, to));
}
