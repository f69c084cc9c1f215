// Wraps the prose of Markdown pages at 120 characters: paragraphs and list items that have a wider line. Tables, code, headings,
// tags and links that are wider by themselves stay.
//
//   node scripts/wrap-pages.mjs PAGE…
import { readFileSync, writeFileSync } from 'node:fs';

export const width = 120;

/** Below it a script has written, as wide as its data. */
export const mark = '<!-- Below this line: written by';

/** Lines that are no prose, or end it. */
const isFixed = (line) => /^\s*(\||<|```|$)|^#|^!?\[[^\]]*\]:|^---/.test(line);
const startsItem = (line) => /^\s*([-*]|\d+\.) /.test(line);
const lengthOf = (text) => [...text].length;

/** A paragraph or list item, in lines of at most `width` characters. */
function wrap(lines) {
  const [indent, mark = ''] = /^(\s*)([-*] |\d+\. )?/.exec(lines[0]).slice(1);
  const words = lines
    .map((line) => line.trim())
    .join(' ')
    .slice(mark.length)
    .split(' ');
  const wrapped = [];
  let line = indent + mark;
  for (const word of words) {
    const isFirst = line.trim() === '' || line === indent + mark;
    if (!isFirst && lengthOf(`${line} ${word}`) > width) {
      wrapped.push(line);
      line = `${indent}${' '.repeat(mark.length)}${word}`;
    } else line = isFirst ? line + word : `${line} ${word}`;
  }
  return [...wrapped, line];
}

/** The page with its prose wrapped. */
export function wrapPage(text) {
  const result = [];
  let paragraph = [];
  let isCode = false;
  const close = () => {
    result.push(...(paragraph.some((line) => lengthOf(line) > width) ? wrap(paragraph) : paragraph));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const isFence = /^\s*```/.test(line);
    if (isCode || isFixed(line)) {
      close();
      result.push(line);
      if (isFence) isCode = !isCode;
    } else {
      if (startsItem(line)) close();
      paragraph.push(line);
    }
  }
  close();
  return result.join('\n');
}

for (const page of process.argv[1].endsWith('wrap-pages.mjs') ? process.argv.slice(2) : []) {
  const text = readFileSync(page, 'utf8');
  const [byHand, ...generated] = text.split(mark);
  const wrapped = [wrapPage(byHand), ...generated].join(mark);
  if (wrapped !== text) writeFileSync(page, wrapped);
}
