// Checks the manifest of each package against that of the root: repository, homepage, bugs, keywords and licence. Also
// checks that NOTICE files are published. Part of `npm run lint`. `--write` corrects the manifests.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = JSON.parse(readFileSync('package.json', 'utf8'));
const write = process.argv.includes('--write');
const faults = [];

for (const name of readdirSync('packages')) {
  const folder = join('packages', name);
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const { url } = root.repository;
  const page = url.replace(/^git\+|\.git$/g, '');
  const { description, license, ...others } = manifest;
  const own = (manifest.keywords ?? []).filter((word) => !root.keywords.includes(word));
  const files = ['dist', 'weights', 'recipe.schema.json', 'NOTICE', 'CHANGELOG.md'];
  const published = files.filter(
    (path) => manifest.files.includes(path) || (/^[A-Z]/.test(path) && isThere(folder, path)),
  );
  const right = {
    name: manifest.name,
    version: manifest.version,
    description,
    license: root.license,
    repository: { ...root.repository, directory: folder },
    homepage: `${page}/tree/main/${folder}#readme`,
    bugs: `${page}/issues`,
    keywords: [...root.keywords, ...own],
    ...Object.fromEntries(
      Object.entries(others).filter(
        ([key]) => !['name', 'version', 'repository', 'homepage', 'bugs', 'keywords'].includes(key),
      ),
    ),
    files: [...published, ...manifest.files.filter((path) => !files.includes(path))],
  };
  const text = `${JSON.stringify(right, null, 2)}\n`;
  if (readFileSync(file, 'utf8') === text) continue;
  if (write) writeFileSync(file, text);
  else faults.push(`${file}: what npm shows differs from the root's: node scripts/check-manifests.mjs --write`);
  if (license !== root.license) faults.push(`${file}: licence ${license}`);
}

/** A changelog is published from the first release on. */
function isThere(folder, path) {
  return path === 'CHANGELOG.md' || existsSync(join(folder, path));
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${readdirSync('packages').length} manifests follow from the root's`);
