export { Markup, markup } from './markup.ts';
export { htmlPage, htmlTable } from './page.ts';
export { axis, type Chart, faint, ink, renderSvg } from './svg.ts';
