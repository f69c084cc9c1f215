// Wraps the prose of Markdown pages at 120 characters: paragraphs and list items with a wider line. It does not change
// tables, code, headings and tags, nor a single word or link that is wider.
//
//   node scripts/wrap-pages.mjs PAGE…
import { readFileSync, writeFileSync } from 'node:fs';

export const width = 120;

/** Text after this mark is generated. It is not wrapped. */
export const mark = '<!-- Below this line: written by';

/** Whether a line is not prose, and so ends a paragraph. */
const isFixed = (line) => /^\s*(\||<|```|$)|^#|^!?\[[^\]]*\]:|^---/.test(line);
const startsItem = (line) => /^\s*([-*]|\d+\.) /.test(line);
const lengthOf = (text) => [...text].length;

/** Wraps a paragraph or list item to lines of at most `width` characters. */
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

/** Wraps the prose of a page. */
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
