import type { Command } from 'commander';
import type { InstallOptions, JsonOption } from '../run/native.ts';

export function registerNative(program: Command): void {
  const native = program.command('native').description('install, list, test or remove the native TensorFlow engine');
  native
    .command('install')
    .description('build the engine in the cache folder from a TensorFlow wheel; your pip downloads the wheel')
    .option('--gpu', 'build for CUDA 12, and download the CUDA libraries')
    .option('--tensorflow <version>', 'version of TensorFlow (default: the one this package is tested with)')
    .option('--from <path>', 'use this wheel, folder of wheels, or folder of an installed TensorFlow instead of pip')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ltml native install\n  ltml native install --from ~/Downloads/tensorflow_cpu-2.21.0-….whl',
    )
    .action(async (options: InstallOptions) => (await import('../run/native.ts')).install(options));
  native
    .command('list')
    .description('list the engines in the cache folder')
    .option('--json', 'print them as JSON')
    .action(async (options: JsonOption) => (await import('../run/native.ts')).list(options));
  native
    .command('test')
    .description('check the files of an engine against their hashes, and run its self-test')
    .argument('[name]', 'name that `list` prints (default: all)')
    .option('--json', 'print the verdicts as JSON')
    .action(async (name: string | undefined, options: JsonOption) =>
      (await import('../run/native.ts')).test(name, options),
    );
  native
    .command('remove')
    .description('delete an engine')
    .argument('<name>', 'name that `list` prints')
    .option('--json', 'print what was removed as JSON')
    .action(async (name: string, options: JsonOption) => (await import('../run/native.ts')).remove(name, options));
}
