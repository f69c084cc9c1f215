import { Markup, markup } from './markup.ts';

/**
 * An HTML page in one file. It loads nothing else, and is light or dark like the reader's system. It has no script
 * unless the body has one.
 *
 * @param title text of the page's title
 * @param body HTML of the page
 * @param style more CSS rules
 */
export function htmlPage(title: string, body: Markup, style = ''): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(pageStyle + style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}

/** A table that can scroll if it is wider than the page. @param kind `result` for columns of figures */
export function htmlTable(head: readonly string[], rows: readonly Markup[], kind = 'plain'): Markup {
  const cells = head.map((name) => markup`<th scope="col">${name}</th>`);
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${`table: ${head.join(', ')}`}"><table class="${kind}"><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** A row of a table. Its first cell is the heading of the row. */
export function htmlRow([first, ...cells]: readonly string[]): Markup {
  return markup`<tr><th scope="row">${first}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
}

const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e6e9ed; --soft: #9aa4b0; --line: #333a43; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 30px; margin: 0 0 8px; }
h2 { font-size: 24px; margin: 64px 0 12px; }
h3 { font-size: 18px; margin: 40px 0 12px; }
header p, .caption, figcaption { color: var(--soft); font-size: 14px; }
figure { margin: 0; overflow-x: auto; }
figcaption { position: sticky; left: 0; }
svg { width: 100%; height: auto; }
.scroll { overflow-x: auto; }
a { color: inherit; text-underline-offset: 3px; }
:focus-visible { outline: 2px solid #4f9fe0; outline-offset: 2px; }
button { all: unset; cursor: pointer; white-space: nowrap; }
button:focus-visible { outline: 2px solid #4f9fe0; outline-offset: 2px; }
[aria-sort] button::after { content: ' ↓'; }
[aria-sort=ascending] button::after { content: ' ↑'; }
details { margin: 12px 0; }
summary { cursor: pointer; }
figure + .scroll { margin-top: 24px; }
/* A shade at the sides if there is more to scroll to. */
.scroll, figure {
  background:
    linear-gradient(to right, var(--ground) 30%, transparent) left / 40px 100% local no-repeat,
    linear-gradient(to left, var(--ground) 30%, transparent) right / 40px 100% local no-repeat,
    linear-gradient(to right, rgba(128, 128, 128, .35), transparent) left / 12px 100% scroll no-repeat,
    linear-gradient(to left, rgba(128, 128, 128, .35), transparent) right / 12px 100% scroll no-repeat;
}
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 500; white-space: nowrap; }
.result { font-size: 16px; font-variant-numeric: tabular-nums; width: 100%; }
.result td { white-space: nowrap; }
.result small { color: var(--soft); }
.result i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 9px; }
code { font-size: 12px; word-break: break-word; }
td code { display: block; min-width: 20em; }
/* On phones: break the names, so that more of a table is seen. */
@media (max-width: 560px) {
  .result tbody th { white-space: normal; min-width: 8em; }
}
@media print {
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  h2, h3, h4 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  figure, .scroll { overflow: visible; }
  svg { min-width: 0 !important; }
}
`;
