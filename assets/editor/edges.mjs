/**
 * Takes away the blanks at the ends of lines. Markdown could keep them only as
 * `&#x20;`, which people would read in the plain text. Pure: no editor, no DOM.
 */

const isBreak = (node) => node.type === 'hardbreak';
const isProse = (node) => node.type === 'text' && !node.marks?.some((mark) => mark.type === 'inlineCode');

/** The inline nodes of one line, without the blanks at one end; `end` is 0 or -1. */
function cutEdge(line, end, blanks) {
  const kept = [...line];
  while (kept.length > 0 && isProse(kept.at(end))) {
    const text = kept.at(end).text.replace(blanks, '');
    if (text !== '') {
      kept.splice(end, 1, { ...kept.at(end), text });
      break;
    }
    kept.splice(end, 1);
  }
  return kept;
}

/**
 * @param {object} json a node of the editor's document, as JSON
 * @returns {object} the same without blanks at the ends of its lines, and without empty lines at its end
 */
export function withoutEdges(json) {
  if (!json.content || json.type === 'code_block') return json;
  if (!json.content.some((node) => node.type === 'text' || isBreak(node))) {
    return { ...json, content: json.content.map(withoutEdges) };
  }
  const lines = [[]];
  const breaks = [];
  for (const node of json.content) {
    if (isBreak(node)) {
      breaks.push(node);
      lines.push([]);
    } else lines.at(-1).push(node);
  }
  const kept = lines.map((line) => cutEdge(cutEdge(line, 0, /^[ \t]+/), -1, /[ \t]+$/));
  while (kept.length > 1 && kept.at(-1).length === 0) kept.pop();
  const content = kept.flatMap((line, n) => (n === 0 ? line : [breaks[n - 1], ...line]));
  const { content: _, ...rest } = json;
  return content.length > 0 ? { ...rest, content } : rest;
}
