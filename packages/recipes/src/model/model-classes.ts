import { cprflTemplate, fillTemplate, mktTemplate } from '@ltml/backbone';
import type { ClassList } from '@ltml/data';
import type { MethodNeeds } from '@ltml/tensor/contract';
import type { MethodConfig } from '../parts/method-schema.ts';
import type { ModelClass } from './model-description.ts';

/**
 * The classes of a data set, as a model stores them. If the method reads texts, each has the text of its class
 * embedding.
 */
export function modelClasses(
  classes: ClassList,
  config: MethodConfig,
  needs: Pick<MethodNeeds, 'text'>,
): readonly ModelClass[] {
  const template = templateOf(config, needs);
  return classes.map(({ name, id }) => ({
    name,
    id,
    ...(template !== undefined && { text: fillTemplate(template, name) }),
  }));
}

/** The prompt template of a method, with `{}` for the name; undefined if no text encoder made the class embeddings. */
function templateOf(
  { options, classEmbeddings: source }: MethodConfig,
  { text }: Pick<MethodNeeds, 'text'>,
): string | undefined {
  const { templates = [mktTemplate] } = options as { readonly templates?: readonly string[] };
  if (!source) return text === 'tower' ? templates[0] : undefined;
  if (source.name !== 'tiny-clip' && source.name !== 'clip') return undefined;
  return (source.template as string | undefined) ?? cprflTemplate;
}
