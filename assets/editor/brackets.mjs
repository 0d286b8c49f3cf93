/**
 * Square brackets are the house's own notation: text that is not agreed. The
 * editor must neither escape them (the bracket would vanish) nor unescape one
 * that its author escaped. So `[` and `]` pass through as they are, and the
 * escaped forms are shown, kept and written with their backslash.
 */

/** A unified plugin: keeps the backslash of `\[` and `\]` in text. */
export function keepEscapedBrackets() {
  const data = this.data();
  const extensions = data.fromMarkdownExtensions ?? (data.fromMarkdownExtensions = []);
  extensions.push({
    exit: {
      characterEscapeValue(token) {
        const tail = this.stack.pop();
        const value = this.sliceSerialize(token);
        tail.value += value === '[' || value === ']' ? `\\${value}` : value;
        tail.position.end = { line: token.end.line, column: token.end.column, offset: token.end.offset };
      },
    },
  });
  // Addresses, titles and alternative texts are not prose: there the escape is only an escape.
  const plain = (node) => {
    for (const key of ['url', 'title', 'alt', 'lang', 'meta', 'label']) {
      if (typeof node[key] === 'string') node[key] = node[key].replace(/\\([[\]])/g, '$1');
    }
    node.children?.forEach(plain);
  };
  return plain;
}

/** A remark-stringify handler for text nodes. */
export function writeText(node, parent, state, info) {
  const value = node.value;
  const inLabel = state.stack.includes('label');
  const first = parent?.type === 'paragraph' && parent.children[0] === node && value.startsWith('[') ? value.indexOf(']') : -1;
  const token = /\\[[\]]|[[\]]/g;
  let out = '';
  let at = 0;
  let closed = false;
  let atFirst = false;
  const prose = (text, next) => {
    if (text === '') return;
    let safe = state.safe(text, {
      ...info,
      encode: [],
      before: at === 0 ? info.before : value[at - 1],
      after: next ?? info.after,
    });
    // `](` would make a link of a bracket, and a leading `]:` a definition.
    if ((closed && safe.startsWith('(')) || (atFirst && safe.startsWith(':'))) safe = `\\${safe}`;
    out += safe;
  };
  for (let found = token.exec(value); found; found = token.exec(value)) {
    prose(value.slice(at, found.index), found[0][0]);
    out += inLabel && found[0].length === 1 ? `\\${found[0]}` : found[0];
    closed = found[0] === ']';
    atFirst = found.index === first;
    at = found.index + found[0].length;
  }
  prose(value.slice(at), undefined);
  return out;
}
