import { OptionError } from '@ltml/tensor';
import { checkTexts } from '../check-sizes.ts';

/** CPRFL's prompt, with its dot; the paper writes it without. */
export const cprflTemplate: string = 'a photo of a {}.';
/** MKT's prompt; a name begins at the token 4. */
export const mktTemplate: string = 'There is a {} in the scene';

/**
 * A small ensemble of prompts: embeddings of one class averaged over these are a little better than that of any one.
 *
 * Source: the seven that OpenAI's CLIP repository (MIT) chose by forward selection on ImageNet.
 */
export const ensembleTemplates: readonly string[] = [
  'itap of a {}.',
  'a bad photo of the {}.',
  'a origami {}.',
  'a photo of the large {}.',
  'a {} in a video game.',
  'art of the {}.',
  'a photo of the small {}.',
];

/** Puts a class name, `_` read as a space, in the place of `{}`. @throws OptionError for a template without `{}`, and no text */
export function fillTemplate(template: string, name: string): string {
  checkTexts('fillTemplate', 'template and name', [template, name]);
  if (!template.includes('{}')) {
    throw new OptionError({
      where: 'fillTemplate',
      argument: 'template',
      expected: 'a text with {} for the name',
      received: `"${template}"`,
    });
  }
  return template.replace('{}', () => name.replaceAll('_', ' '));
}
