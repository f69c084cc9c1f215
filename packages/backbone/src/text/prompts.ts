import { OptionError } from '@ltml/tensor';
import { checkTexts } from '../check-sizes.ts';

/** CPRFL's template, with its full stop; the paper writes it without. */
export const cprflTemplate: string = 'a photo of a {}.';
/** MKT's template; the name starts at token 4. */
export const mktTemplate: string = 'There is a {} in the scene';

/**
 * Templates of a small prompt ensemble. Averaging a class's embeddings over them is slightly better than a single
 * prompt.
 *
 * Source: the seven templates that OpenAI's CLIP repository (MIT) chose by forward selection on ImageNet.
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

/**
 * Puts a class name in the place of `{}`; `_` in the name becomes a space.
 *
 * @throws OptionError on a template without `{}`, or a name that is not a string
 */
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
