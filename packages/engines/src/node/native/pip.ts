import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installError } from './install-error.ts';
import { run } from './run-program.ts';

/**
 * Downloads wheels with the user's own pip, so that its mirror, proxy and certificates are used. pip checks the hashes.
 * Any version of Python will do, since no Python code of the wheels is used.
 *
 * @param requirements e.g. `tensorflow-cpu==2.21.0`
 * @param tags platform tags of wheels
 * @param folder to download to
 * @returns paths of the wheels
 * @throws NotSupportedError if pip is missing or the download fails
 */
export async function downloadWheels(
  requirements: readonly string[],
  tags: readonly string[],
  folder: string,
): Promise<string[]> {
  const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder];
  // The Python version only selects the wheel. There is one for 3.11 for every TensorFlow from 2.12 on.
  args.push('--only-binary=:all:', '--implementation=cp', '--python-version=3.11');
  args.push(...tags.map((tag) => `--platform=${tag}`), ...requirements);
  const { code, output } = await run(process.env.PYTHON || 'python3', args);
  if (code !== 0) throw pipError(requirements, output);
  return (await readdir(folder)).filter((file) => file.endsWith('.whl')).map((file) => join(folder, file));
}

function pipError(requirements: readonly string[], output: string): Error {
  const offline = 'on a machine without network, copy a wheel there and give its path: --from WHEEL';
  if (output.includes('ENOENT') || output.includes('No module named pip')) {
    const hint = `Install it (Debian: apt-get install python3-pip; or set PYTHON to another interpreter), or, ${offline}`;
    return installError('pip', 'installed, to download the TensorFlow wheel', 'no python3 with pip', hint);
  }
  const lines = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  const last = (lines[0] ?? output.trim().split('\n').at(-1) ?? 'no message').replace(/^ERROR: /, '');
  const hint = `Check the version, and pip's network settings (python3 -m pip config list); ${offline}`;
  return installError(requirements.join(' '), 'downloaded by pip', `"${last}"`, hint);
}
