import type { CheckedPicture, Finding, PictureFacts } from '@ltml/data/node';
import { htmlPage, type Markup, markup } from '@ltml/report';
import { thumbnail } from '../thumbnail.ts';

/** Largest number of pictures shown for one finding. */
const shown = 24;

const style = `
h2 small { font-weight: 400; font-size: 14px; color: var(--soft); }
.error { color: light-dark(#c62828, #ff8a80); } .warning { color: light-dark(#9a5b00, #ffb74d); } .note { color: var(--soft); }
.pictures { display: flex; flex-wrap: wrap; gap: 14px; padding: 0; list-style: none; }
.pictures li { width: 128px; font-size: 12px; overflow-wrap: anywhere; color: var(--soft); }
.pictures img, .pictures b { display: block; width: 128px; height: 128px; object-fit: contain; background: var(--line); }
.pictures b { line-height: 128px; text-align: center; font-size: 28px; }
`;

/** Opens the list of names of an error, so that it is seen without a click. */
const openMark = markup` open`;

/** An HTML page with the findings of a check and thumbnails of the pictures. */
export async function checkPage(
  name: string,
  pictures: readonly CheckedPicture[],
  facts: readonly PictureFacts[],
  findings: readonly Finding[],
): Promise<string> {
  const whole = facts.filter(({ broken }) => broken === null).length;
  const sections: Markup[] = [];
  for (const finding of findings) sections.push(await section(finding, pictures, facts));
  const body = markup`<header>
<h1>Check of ${name}</h1>
<p>${pictures.length} pictures, ${whole} can be read. ${findings.length === 0 ? 'No problems found.' : ''}</p>
</header>
${sections}`;
  return htmlPage(`Check of ${name}`, body, style);
}

async function section(
  { level, text, details, pictures: places }: Finding,
  pictures: readonly CheckedPicture[],
  facts: readonly PictureFacts[],
): Promise<Markup> {
  const items: Markup[] = [];
  for (const i of places.slice(0, shown)) {
    const source = facts[i].broken === null ? await thumbnail(facts[i].path) : undefined;
    const image = source ? markup`<img src="${source}" alt="" loading="lazy">` : markup`<b aria-hidden="true">×</b>`;
    const { key, split } = pictures[i];
    items.push(markup`<li>${image}${key}${split === null ? '' : ` (${split})`}</li>`);
  }
  const more = places.length > shown ? markup`<p class="caption">and ${places.length - shown} more</p>` : markup``;
  const names = details.slice(0, 100).map((detail) => markup`<li>${detail}</li>`);
  return markup`<h2><small class="${level}">${level}</small> ${text}</h2>
${items.length > 0 ? markup`<ul class="pictures">${items}</ul>${more}` : markup``}
${names.length > 0 ? markup`<details${level === 'error' ? openMark : markup``}><summary>Each by name (${details.length})</summary><ul>${names}</ul></details>` : markup``}`;
}
