/**
 * Unicode's white space, for a character class in a regular expression. JavaScript's `\s` differs: it includes the byte
 * order mark and lacks U+0085, so texts would be split differently than in Python and Rust.
 */
export const whitespace = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
