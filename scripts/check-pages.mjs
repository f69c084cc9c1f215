// Follows the pages of docs/start like a reader. Each page has an empty project with only the packages that the page
// installs, taken from tarballs.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestOf, run } from './packed-layout.mjs';
import { pageSteps } from './page-steps.mjs';

/**
 * @param {import('./packed-layout.mjs').PackedLayout} layout
 * @param {{ pages?: string[], node?: string }} options `node`: the program that runs the steps
 * @returns {string[]} the steps that did not work
 */
export function checkPages(layout, { pages = readdirSync('docs/start'), node = process.execPath } = {}) {
  const faults = [];
  const version = run(node, ['--version']).trim();
  for (const page of pages) {
    const project = mkdtempSync(join(layout.folder, 'project-'));
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const started = Date.now();
    let commands = 0;
    for (const step of pageSteps(readFileSync(join('docs/start', page), 'utf8'))) {
      if (step.file) writeFileSync(join(project, step.file), step.text);
      else {
        commands++;
        const fault = runStep(layout, project, step, node);
        if (fault) faults.push(`docs/start/${page}, Node ${version}: ${step.command}\n${fault}`);
      }
    }
    if (commands === 0) faults.push(`docs/start/${page} has no command`);
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    console.log(`docs/start/${page}: ${commands} commands, ${seconds} s, Node ${version}`);
  }
  return faults;
}

/** Runs a command of a page. @returns why it did not work; undefined if it did */
function runStep(layout, project, { command, exitCode }, node) {
  const [, installed] = /^npm install (?:-g )?(.*)$/.exec(command) ?? [];
  if (installed) {
    layout.project(project, installed.split(' '));
    linkCommand(layout, project, installed.split(' '), node);
    return undefined;
  }
  const env = {
    ...process.env,
    LTML_BACKEND: 'wasm',
    PATH: `${join(project, 'node_modules/.bin')}:${dirname(node)}:${process.env.PATH}`,
  };
  // `npx` would run a program of the project, so run it directly.
  const script = `npx() { "$@"; }\n${command}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: project, env, encoding: 'utf8' });
  if (status !== exitCode) return `exit code ${status}\n${stdout}${stderr}`;
  const output = stdout + stderr;
  if (output.trim() === '') return 'prints nothing';
  // A run has no tail among its validation images, and says so by NaN; a program of a page has numbers.
  const isEmpty = command.startsWith('node ') && /\bNaN\b|\bundefined\b/.test(output);
  return isEmpty ? `prints no number\n${output}` : undefined;
}

function linkCommand(layout, project, names, node) {
  if (!names.includes('@ltml/cli')) return;
  const bin = join(project, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  const program = join(layout.placeOf('@ltml/cli'), manifestOf(layout.placeOf('@ltml/cli')).bin.ltml);
  writeFileSync(join(bin, 'ltml'), `#!/bin/sh\nexec "${node}" "${program}" "$@"\n`);
  chmodSync(join(bin, 'ltml'), 0o755);
}
