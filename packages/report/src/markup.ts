/** HTML. Text that should be shown is a string instead, and is escaped. */
export class Markup {
  readonly html: string;

  /** @param html trusted; it is inserted unchanged */
  constructor(html: string) {
    this.html = html;
  }
}

/**
 * A value in {@link markup}. Text and numbers are escaped; markup is inserted unchanged, lists of it one after the
 * other.
 */
export type Insertion = string | number | Markup | readonly Markup[];

/**
 * A template tag for HTML. Values are safe as text and in quoted attributes: markup`<b title="${text}">${text}</b>`.
 */
export function markup(strings: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  return new Markup(strings.reduce((html, string, i) => html + htmlOf(insertions[i - 1]) + string));
}

function htmlOf(insertion: Insertion): string {
  if (insertion instanceof Markup) return insertion.html;
  if (typeof insertion === 'object') return insertion.map(htmlOf).join('');
  return String(insertion).replace(unsafe, (character) => `&#${replacement(character)};`);
}

/** Characters with a meaning in HTML, control characters, marks of writing direction, and unpaired surrogates. */
const unsafe = /[&<>"'`]|[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

function replacement(character: string): number {
  // U+FFFD stands for a character that can't be shown. HTML shows line ends and tabs as spaces.
  const isSpace = /[\t\n\r]/.test(character);
  return !isSpace && /[\p{Cc}\p{Bidi_Control}\p{Cs}]/u.test(character) ? 0xfffd : character.charCodeAt(0);
}
