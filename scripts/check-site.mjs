// Checks the built documentation: every internal link leads to a file. Run by `npm run docs`.
//
//   node scripts/check-site.mjs site
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [site = 'site'] = process.argv.slice(2);
const pages = readdirSync(site, { recursive: true }).filter((file) => file.endsWith('.html'));
const faults = new Set();
let links = 0;
for (const page of pages) {
  for (const [, link] of readFileSync(join(site, page), 'utf8').matchAll(/\s(?:href|src|srcset)="([^"#?]+)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    links++;
    const target = join(site, dirname(page), decodeURIComponent(link.replace(/&amp;/g, '&')));
    if (!existsSync(target) || (statSync(target).isDirectory() && !existsSync(join(target, 'index.html')))) {
      faults.add(`${page}: broken link ${link} (${relative(site, target)})`);
    }
  }
}
for (const fault of faults) console.error(fault);
if (faults.size > 0) process.exit(1);
console.log(`${site}: ${pages.length} pages, ${links} links, none broken`);
