/** HTML, as opposed to text that is to be shown in it. */
export class Markup {
  readonly html: string;

  /** @param html trusted: it goes into the page as it is */
  constructor(html: string) {
    this.html = html;
  }
}

/** Text and numbers are escaped; markup goes in as it is, and lists of it one after the other. */
export type Insertion = string | number | Markup | readonly Markup[];

/**
 * HTML whose insertions are safe wherever text or a quoted attribute may stand: markup`<b title="${text}">${text}</b>`.
 */
export function markup(strings: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  return new Markup(strings.reduce((html, string, i) => html + htmlOf(insertions[i - 1]) + string));
}

function htmlOf(insertion: Insertion): string {
  if (insertion instanceof Markup) return insertion.html;
  if (typeof insertion === 'object') return insertion.map(htmlOf).join('');
  return String(insertion).replace(unsafe, (character) => `&#${replacement(character)};`);
}

/** What HTML reads as its own, and what turns the direction of the text around it or is no character. */
const unsafe = /[&<>"'`]|[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

function replacement(character: string): number {
  // The mark of a character that cannot be shown. Line ends and tabs are spaces to HTML.
  const isSpace = /[\t\n\r]/.test(character);
  return !isSpace && /[\p{Cc}\p{Bidi_Control}\p{Cs}]/u.test(character) ? 0xfffd : character.charCodeAt(0);
}
