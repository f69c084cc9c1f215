// Writes docs/exports.md, a page of the documentation. Part of `npm run docs`.
import { writeFileSync } from 'node:fs';
import { exportsPage } from './exports-index.mjs';

writeFileSync('docs/exports.md', exportsPage());
