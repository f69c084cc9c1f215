// Checks the pages: links work, prose is at most 120 characters wide, each method has a page, each public export has a
// docstring and a page that explains it, and each script of package.json that a page names exists. Part of
// `npm run lint`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { publicExports } from './exports-index.mjs';
import { mark, width, wrapPage } from './wrap-pages.mjs';

const places = ['.', 'docs', 'examples', 'benchmarks', '.changeset'];
const pages = [
  ...places.flatMap((place) => markdownIn(place, place !== '.')),
  ...readdirSync('packages').flatMap((name) => markdownIn(join('packages', name), false)),
].filter((file) => !file.startsWith('.changeset'));
const faults = [];

function markdownIn(folder, recursive) {
  return readdirSync(folder, { recursive })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules') && !file.endsWith('CHANGELOG.md'))
    .map((file) => join(folder, file));
}

/** The text without blocks of code. */
const withoutCode = (text) => text.replace(/^```.*?^```/gms, (block) => '\n'.repeat(block.split('\n').length - 1));

/** Anchors that GitHub gives the headings of a page. */
function anchorsOf(file) {
  const seen = new Map();
  return withoutCode(readFileSync(file, 'utf8'))
    .split('\n')
    .flatMap((line) => {
      const [, heading] = /^#+ (.*)$/.exec(line) ?? [];
      if (heading === undefined) return [];
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
      const slug = plain
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return [count === 0 ? slug : `${slug}-${count}`];
    });
}

function checkLinks(file, text) {
  const links = withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g);
  for (const [, inText, inTag] of links) {
    const link = inText ?? inTag;
    if (/^(https?:|mailto:)/.test(link)) continue;
    const [path, anchor] = link.split('#');
    const target = path === '' ? file : relative('.', resolve(dirname(file), path));
    if (!existsSync(target)) faults.push(`${file}: broken link ${link}`);
    else if (anchor && target.endsWith('.md') && !anchorsOf(target).includes(anchor)) {
      faults.push(`${file}: ${link} names a heading that does not exist`);
    }
  }
}

const byHand = (text) => text.split(mark)[0];

function checkWidth(file, text) {
  if (wrapPage(byHand(text)) !== byHand(text))
    faults.push(`${file}: prose is wider than ${width} characters; run: node scripts/wrap-pages.mjs ${file}`);
}

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
function checkScripts(file, text) {
  for (const [, name] of text.matchAll(/npm run (?:-s |--silent )?([a-z]+)/g)) {
    if (!(name in scripts)) faults.push(`${file}: the command npm run ${name} does not exist`);
  }
}

for (const file of pages) {
  const text = readFileSync(file, 'utf8');
  checkLinks(file, text);
  checkWidth(file, text);
  if (!file.startsWith('packages')) checkScripts(file, text);
}
const methods = readFileSync('packages/recipes/src/parts/methods.ts', 'utf8');
for (const [, name, pkg] of methods.matchAll(/^ {2}'?([a-z-]+)'?: .*import\('@ltml\/([a-z-]+)'/gm)) {
  if (existsSync(`docs/methods/${name}.md`) || existsSync(`docs/methods/${pkg}.md`)) continue;
  faults.push(`docs/methods/${name}.md: the method has no page`);
}
const exports = publicExports();
for (const { entry, name, page, summary, file } of exports) {
  if (!page) faults.push(`${entry}: no page explains ${name}`);
  if (!summary) faults.push(`${file}: ${name}, which ${entry} exports, has no docstring`);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${pages.length} pages: all links work; ${exports.length} exports have a docstring and a page`);
