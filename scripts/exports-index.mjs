// The index of every public export: name, kind, summary, and the page that explains it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const parsed = new Map();

function parse(file) {
  if (!parsed.has(file)) {
    parsed.set(file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true));
  }
  return parsed.get(file);
}

/** The source file of an import: a relative file, or an entry of one of our packages. */
function sourceOf(specifier, from) {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  const [, name, entry] = /^@ltml\/([a-z-]+)(\/.*)?$/.exec(specifier) ?? [];
  if (!name) return undefined;
  const { exports } = JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'));
  return join('packages', name, fileOf(exports[entry ? `.${entry}` : '.']));
}

/** The file of an entry of `exports`, which is a path or an object of paths by condition. */
const fileOf = (entry) => (typeof entry === 'string' ? entry : entry.default);

/** The declaration of a name in a file. It follows re-exports. */
function declarationOf(name, file) {
  for (const statement of parse(file).statements) {
    if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause) {
        const found = declarationOf(name, sourceOf(statement.moduleSpecifier.text, file));
        if (found) return found;
      }
      const element = statement.exportClause?.elements?.find((each) => each.name.text === name);
      if (!element || !statement.moduleSpecifier) continue;
      const source = sourceOf(statement.moduleSpecifier.text, file);
      return source && declarationOf((element.propertyName ?? element.name).text, source);
    }
    if (ts.isVariableStatement(statement)) {
      if (statement.declarationList.declarations.some((each) => each.name.getText() === name)) return statement;
    } else if (statement.name?.text === name) return statement;
  }
  return undefined;
}

function kindOf(declaration) {
  if (ts.isFunctionDeclaration(declaration)) return 'function';
  if (ts.isClassDeclaration(declaration)) return 'class';
  if (ts.isVariableStatement(declaration)) return 'value';
  return 'type';
}

/** The first sentence of a docstring, on one line. */
function summaryOf(declaration) {
  const [doc] = declaration.jsDoc ?? [];
  const text = typeof doc?.comment === 'string' ? doc.comment : (ts.getTextOfJSDocComment(doc?.comment) ?? '');
  const [sentence = ''] = /^.*?(?:\.(?=\s|$)|:(?=\n)|$)/s.exec(text.split(/\n\s*\n/)[0]) ?? [];
  return sentence
    .replace(/\{@link[\s*]+([\w.]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .replace(/\|/g, '\\|')
    .trim();
}

/** The summary of an options type without docstring: the exports of its file that have it as a parameter. */
function takersOf(name, declaration) {
  if (!name.endsWith('Options')) return '';
  const word = new RegExp(`\\b${name}\\b`);
  const takers = declaration
    .getSourceFile()
    .statements.filter((each) => each.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .filter((each) => word.test(argumentsOf(each)))
    .map((each) => `\`${each.name.text}\``);
  return takers.length > 0 ? `Options of ${takers.join(', ')}.` : '';
}

/** The parameters of a function, or of a class's constructor. */
function argumentsOf(statement) {
  const callable = ts.isClassDeclaration(statement) ? statement.members.find(ts.isConstructorDeclaration) : statement;
  return callable?.parameters?.map((parameter) => parameter.getText()).join(' ') ?? '';
}

/** Public entries of a package with their source, as [import, file]. */
function entriesOf(name) {
  const { exports } = JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, files]) => fileOf(files).endsWith('.ts'))
    .map(([entry, files]) => [`@ltml/${name}${entry.slice(1)}`, join('packages', name, fileOf(files))]);
}

/** @returns every public export, as { entry, name, kind, summary, file, page } */
export function publicExports() {
  const pages = pagesByWord();
  return readdirSync('packages').flatMap((pkg) =>
    entriesOf(pkg).flatMap(([entry, file]) =>
      namesOf(file).map((name) => {
        const declaration = declarationOf(name, file);
        if (!declaration) throw new Error(`${file}: where is ${name} declared?`);
        const readme = `packages/${pkg}/README.md`;
        const named = pages.get(name) ?? [];
        return {
          entry,
          name,
          kind: kindOf(declaration),
          summary: summaryOf(declaration) || takersOf(name, declaration),
          file: relative('.', declaration.getSourceFile().fileName),
          page: named.includes(readme) ? readme : (named[0] ?? (existsSync(readme) ? readme : undefined)),
        };
      }),
    ),
  );
}

function namesOf(file) {
  return parse(file).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement) && !statement.exportClause) {
      return namesOf(sourceOf(statement.moduleSpecifier.text, file));
    }
    if (ts.isExportDeclaration(statement)) return statement.exportClause.elements.map((each) => each.name.text);
    if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (!ts.isVariableStatement(statement)) return [statement.name.text];
    return statement.declarationList.declarations.map((each) => each.name.getText());
  });
}

/** The pages that contain a word as code, by word. */
function pagesByWord() {
  const pages = new Map();
  const docs = readdirSync('docs', { recursive: true }).map((file) => join('docs', file));
  const readmes = readdirSync('packages').map((name) => join('packages', name, 'README.md'));
  for (const page of [...readmes, ...docs].filter((file) => file.endsWith('.md') && file !== 'docs/exports.md')) {
    const text = readFileSync(page, 'utf8');
    const code = [...text.matchAll(/```.*?```|`[^`\n]+`/gs)].map(([words]) => words).join(' ');
    for (const word of new Set(code.match(/[A-Za-z_$][\w$]*/g))) {
      if (!pages.has(word)) pages.set(word, []);
      pages.get(word).push(page);
    }
  }
  return pages;
}

/** The index as a page in docs/. */
export function exportsPage() {
  const entries = byEntry(publicExports());
  const sections = Array.from(entries, ([entry, list]) => {
    const rows = list
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      .map(({ name, kind, summary, page }) => `| [\`${name}\`](../${page}) | ${kind} | ${summary} |`);
    return `## ${entry}\n\n| name | kind | what it is |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Every export\n\nA name leads to the page that explains it. Written by \`npm run docs\`.\n\n${sections.join('\n')}`;
}

function byEntry(list) {
  const groups = new Map();
  for (const item of list) groups.set(item.entry, [...(groups.get(item.entry) ?? []), item]);
  return groups;
}
