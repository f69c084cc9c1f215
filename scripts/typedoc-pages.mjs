// A typedoc plugin. It names the pages of docs/ after their headings and groups them by folder. Links to folders lead
// to the repository.
import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Converter, ReflectionKind, Renderer } from 'typedoc';

const groups = [
  [/^docs\/start\//, 'Start'],
  [/^docs\/methods\//, 'Methods'],
  [/^docs\/model-cards\//, 'Model cards'],
  [/^docs\/decisions\//, 'Decisions'],
  [/^docs\//, 'Guides'],
  [/^examples\//, 'Examples'],
  [/./, 'About'],
];
const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const tree = `${repository.url.replace(/^git\+|\.git$/g, '')}/tree/main`;
const fileOf = (page) => relative('.', page.project.files.getReflectionPath(page));

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const file = fileOf(page);
    const [, heading] = /^# (.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    if (heading) page.name = heading.replace(/`/g, '');
    page.frontmatter.group = groups.find(([pattern]) => pattern.test(file))[1];
  });
  app.renderer.on(Renderer.EVENT_BEGIN, ({ project }) => {
    const modules = project.getReflectionsByKind(ReflectionKind.Module);
    const names = new Set(modules.map(({ name }) => name));
    const lead = (text, file) => text?.map((part) => leadToRepository(part, file, names));
    project.readme = lead(project.readme, 'README.md');
    for (const module of modules) {
      module.readme = lead(module.readme, `packages/${module.name.replace('@ltml/', '')}/README.md`);
    }
    for (const page of project.documents ?? []) page.content = lead(page.content, fileOf(page));
  });
}

/** Redirects a link to a folder to the repository, unless the folder is a package of the site. */
function leadToRepository(part, file, names) {
  if (part.kind !== 'relative-link') return part;
  const path = relative('.', resolve(dirname(file), part.text.split('#')[0]));
  const [, name] = /^packages\/([^/]+)$/.exec(path) ?? [];
  if (names.has(`@ltml/${name}`) || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return part;
  return { kind: 'text', text: `${tree}/${path}` };
}
