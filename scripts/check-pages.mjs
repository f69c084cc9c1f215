// Goes through the pages of docs/start as a reader would, each in an empty project that has what the page installs and nothing
// else, from packed packages.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf } from './packed-layout.mjs';
import { pageSteps } from './page-steps.mjs';

/** Its commands are run by packages/cli/test/own-pictures.test.ts. */
const elsewhere = ['own-pictures.md'];

/**
 * @param {import('./packed-layout.mjs').PackedLayout} layout
 * @param {string[]} pages
 * @returns {string[]} what did not work
 */
export function checkPages(layout, pages = readdirSync('docs/start')) {
  const faults = [];
  for (const page of pages) {
    if (elsewhere.includes(page)) continue;
    const project = mkdtempSync(join(layout.folder, 'project-'));
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const started = Date.now();
    let commands = 0;
    for (const step of pageSteps(readFileSync(join('docs/start', page), 'utf8'))) {
      if (step.file) writeFileSync(join(project, step.file), step.text);
      else {
        commands++;
        const fault = runStep(layout, project, step.command);
        if (fault) faults.push(`docs/start/${page}: ${step.command}\n${fault}`);
      }
    }
    if (commands === 0) faults.push(`docs/start/${page} has no command`);
    console.log(`docs/start/${page}: ${commands} commands, ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return faults;
}

/** @returns why the command did not work; undefined where it did */
function runStep(layout, project, command) {
  const [, installed] = /^npm install (.*)$/.exec(command) ?? [];
  if (installed) {
    layout.project(project, installed.split(' '));
    linkCommand(layout, project, installed.split(' '));
    return undefined;
  }
  const env = {
    ...process.env,
    LTML_BACKEND: 'wasm',
    PATH: `${join(project, 'node_modules/.bin')}:${process.env.PATH}`,
  };
  // What npx would look for lies in the project.
  const script = `npx() { "$@"; }\n${command}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: project, env, encoding: 'utf8' });
  if (status !== 0) return `exit code ${status}\n${stdout}${stderr}`;
  const output = stdout + stderr;
  if (output.trim() === '') return 'prints nothing';
  return /\bNaN\b|\bundefined\b/.test(output) ? `prints no number\n${output}` : undefined;
}

function linkCommand(layout, project, names) {
  if (!names.includes('@ltml/cli')) return;
  const bin = join(project, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  const program = join(layout.placeOf('@ltml/cli'), manifestOf(layout.placeOf('@ltml/cli')).bin.ltml);
  writeFileSync(join(bin, 'ltml'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, 'ltml'), 0o755);
}
