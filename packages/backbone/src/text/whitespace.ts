/**
 * Unicode's white space, for a class of a regular expression. Not JavaScript's `\s`, which has the byte order mark and lacks
 * U+0085; texts would be cut in other places than by Python and Rust.
 */
export const whitespace = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
