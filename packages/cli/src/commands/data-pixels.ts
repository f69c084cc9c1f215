import { type Command, Option } from 'commander';
import type { PixelsOptions } from '../run/data-pixels.ts';

/** @param data the command group */
export function registerDataPixels(data: Command): void {
  data
    .command('pixels')
    .description('decode a picture and write its pixels as a tensor, to compare decoders')
    .argument('<file>', 'the picture')
    .addOption(
      new Option('--mode <name>', 'upright: turned by its EXIF orientation; as-pil: as stored, like PIL in the papers')
        .choices(['upright', 'as-pil'])
        .default('upright'),
    )
    .requiredOption('--out <file>', 'safetensors file with the tensor `pixels` [H, W, 3], uint8')
    .addHelpText('after', '\nExample:\n  ltml data pixels photo.jpg --mode as-pil --out photo.safetensors')
    .action(async (file: string, options: PixelsOptions) => {
      const { writePixels } = await import('../run/data-pixels.ts');
      await writePixels(file, options);
    });
}
