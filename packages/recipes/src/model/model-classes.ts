import { cprflTemplate, fillTemplate, mktTemplate } from '@ltml/backbone';
import type { ClassList } from '@ltml/data';
import type { MethodConfig } from '../parts/method-schema.ts';
import { methods } from '../parts/methods.ts';
import type { ModelClass } from './model-description.ts';

/** Classes of a data set as a model keeps them, with what a text encoder read for each where the method reads texts. */
export function modelClasses(classes: ClassList, method: MethodConfig): readonly ModelClass[] {
  const template = templateOf(method);
  return classes.map(({ name, id }) => ({
    name,
    id,
    ...(template !== undefined && { text: fillTemplate(template, name) }),
  }));
}

/** The prompt of a method, `{}` for the name; undefined of one whose class embeddings come from no text encoder. */
function templateOf({ name, options, classEmbeddings: source }: MethodConfig): string | undefined {
  const { templates = [mktTemplate] } = options as { readonly templates?: readonly string[] };
  if (!source) return methods[name].needs.text === 'tower' ? templates[0] : undefined;
  if (source.name !== 'tiny-clip' && source.name !== 'clip') return undefined;
  return (source.template as string | undefined) ?? cprflTemplate;
}
