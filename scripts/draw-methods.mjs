// Draws the diagrams of docs/methods: boxes on a grid, and arrows between them.
//
//   node scripts/draw-methods.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagrams } from './method-diagrams.mjs';

const cell = { width: 200, height: 92 };
const box = { width: 164, height: 58 };

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1c2733; text-anchor: middle; }
  .note { font-size: 11.5px; fill: #5b6b7b; }
  rect { stroke-width: 1.5; rx: 8; }
  .data rect { fill: #eef2f6; stroke: #a9b7c6; }
  .learned rect { fill: #e4f0fb; stroke: #3d85c6; }
  .fixed rect { fill: #fdf3dc; stroke: #c9992e; }
  .result rect { fill: #e5f5e8; stroke: #47975a; }
  path { fill: none; stroke: #5b6b7b; stroke-width: 1.5; }
  marker path { fill: #5b6b7b; stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9fb0c0; }
    .data rect { fill: #252d36; stroke: #5b6b7b; }
    .learned rect { fill: #17324c; stroke: #5b9bd5; }
    .fixed rect { fill: #40351b; stroke: #c9a24a; }
    .result rect { fill: #1b3a24; stroke: #5fae73; }
    path { stroke: #9fb0c0; }
    marker path { fill: #9fb0c0; }
  }`;

const escapeText = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const center = ([column, row]) => [column * cell.width + cell.width / 2, row * cell.height + cell.height / 2];

function drawBox([kind, place, text]) {
  const [x, y] = center(place);
  const lines = text.split('\n');
  const texts = lines.map((line, i) => {
    const at = y + 4.5 + (i - (lines.length - 1) / 2) * 16;
    return `<text x="${x}" y="${at}"${i > 0 ? ' class="note"' : ''}>${escapeText(line)}</text>`;
  });
  const rect = `<rect x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}"/>`;
  return `<g class="${kind}">${rect}${texts.join('')}</g>`;
}

/** An arrow between the sides of two boxes. It has a bend if they share neither row nor column. */
function drawArrow(from, to) {
  const [[x0, y0], [x1, y1]] = [center(from), center(to)];
  if (x0 === x1) {
    const down = Math.sign(y1 - y0);
    return arrow(`M${x0} ${y0 + (down * box.height) / 2}V${y1 - down * (box.height / 2 + 6)}`);
  }
  const right = Math.sign(x1 - x0);
  const start = x0 + (right * box.width) / 2;
  const end = x1 - right * (box.width / 2 + 6);
  const middle = end - right * 14;
  return arrow(y0 === y1 ? `M${start} ${y0}H${end}` : `M${start} ${y0}H${middle}V${y1}H${end}`);
}

const arrow = (path) => `<path d="${path}" marker-end="url(#end)"/>`;

function draw({ title, boxes, arrows }) {
  const places = Object.values(boxes).map(([, place]) => place);
  const width = (1 + Math.max(...places.map(([column]) => column))) * cell.width;
  const height = (1 + Math.max(...places.map(([, row]) => row))) * cell.height;
  const marker =
    '<marker id="end" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeText(title)}</title>
<style>${style}
</style>
<defs>${marker}</defs>
${arrows.map(([from, to]) => drawArrow(boxes[from][1], boxes[to][1])).join('\n')}
${Object.values(boxes).map(drawBox).join('\n')}
</svg>
`;
}

const folder = 'docs/images/methods';
mkdirSync(folder, { recursive: true });
for (const [name, diagram] of Object.entries(diagrams)) writeFileSync(join(folder, `${name}.svg`), draw(diagram));
console.log(`${Object.keys(diagrams).length} diagrams in ${folder}`);
