const INDENT = '  ';

/** The text indented for people (`_pretty=true`); values stay as they are written. Compact JSON goes in. */
export function indentJson(text: Buffer): Buffer {
  const source = text.toString('utf8');
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === '"') at = endOfString(source, at);
    else if (character === '{' || character === '[') {
      const empty = source[at + 1] === '}' || source[at + 1] === ']';
      if (empty) at++;
      else parts.push(source.slice(start, (start = at + 1)), lineBreak(++depth));
    } else if (character === '}' || character === ']') {
      parts.push(source.slice(start, (start = at)), lineBreak(--depth));
    } else if (character === ',') parts.push(source.slice(start, (start = at + 1)), lineBreak(depth));
    else if (character === ':') parts.push(source.slice(start, (start = at + 1)), ' ');
  }
  parts.push(source.slice(start), '\n');
  return Buffer.from(parts.join(''));
}

function lineBreak(depth: number): string {
  return `\n${INDENT.repeat(depth)}`;
}

function endOfString(source: string, start: number): number {
  let at = start + 1;
  while (source[at] !== '"') at += source[at] === '\\' ? 2 : 1;
  return at;
}
