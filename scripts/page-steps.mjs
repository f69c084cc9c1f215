// The steps of a reader of a page, in order: files to write and commands to type.

/**
 * @param text Markdown. A code block whose first line is a comment with a file name (`# mix.yaml`, `// mix.mjs`) is
 *   that file. Lines of `sh` blocks are commands. A comment behind a command can name its exit code (`# exit code 1`);
 *   otherwise it is 0. Other code blocks are ignored.
 * @returns {({ file: string, text: string } | { command: string, exitCode: number })[]}
 */
export function pageSteps(text) {
  const steps = [];
  for (const [, language, code] of text.matchAll(/^```(\w+)\n(.*?)^```/gms)) {
    const [, file] = /^(?:#|\/\/) ([\w.-]+\.\w+)\n/.exec(code) ?? [];
    if (file) steps.push({ file, text: code });
    else if (language === 'sh') {
      for (const line of code.split('\n')) {
        const command = line.replace(/\s+# .*$/, '').trim();
        const [, exitCode = 0] = /# exit code (\d+)/.exec(line) ?? [];
        if (command) steps.push({ command, exitCode: Number(exitCode) });
      }
    }
  }
  return steps;
}
