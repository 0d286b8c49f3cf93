/**
 * Cuts Markdown into its top-level blocks and puts it together again, so that a
 * block that nobody touched keeps its bytes. Pure: no editor, no DOM.
 *
 * A *block* is a run of whole lines that the parser makes into one top-level
 * node. A *hidden* block is source that no node stands for (link definitions):
 * it is always kept. What lies between blocks (blank lines) is a *separator*.
 */

/**
 * @param {string} source
 * @param {{start: number, end: number}[]} spans one per top-level node, in order
 * @returns {{blocks: {text: string, node: number | null}[], separators: string[]} | null}
 *   `separators` has one more entry than `blocks`; null if the spans do not fit
 *   the source, in which case the caller must not offer to edit it.
 */
export function cut(source, spans) {
  const blocks = [];
  const separators = [];
  let at = 0;
  let pending = '';
  const push = (text, node) => {
    blocks.push({ text, node });
    separators.push(pending);
    pending = '';
  };
  const gap = (text) => {
    if (text.trim() === '') {
      pending += text;
      return;
    }
    const lead = /^\s*(?:\n|$)/.exec(text)?.[0] ?? '';
    const tail = /\s*$/.exec(text)[0];
    pending += lead;
    push(text.slice(lead.length, text.length - tail.length), null);
    pending = tail;
  };
  for (let i = 0; i < spans.length; i += 1) {
    let { start, end } = spans[i];
    start = source.lastIndexOf('\n', start - 1) + 1;
    const eol = source.indexOf('\n', end);
    if (!(end > start && source[end - 1] === '\n')) end = eol === -1 ? source.length : eol;
    else end -= 1;
    if (start < at || end < start || end > source.length) return null;
    gap(source.slice(at, start));
    push(source.slice(start, end), i);
    at = end;
  }
  gap(source.slice(at));
  separators.push(pending);
  return { blocks, separators };
}

/**
 * Matches the nodes of the edited document with those of the original.
 *
 * @param {string[]} before fingerprints of the original nodes
 * @param {string[]} after fingerprints of the edited nodes
 * @returns {{same: number | null, replaces: number | null}[]} for each edited
 *   node the original node that it equals, or else the one whose place it took
 */
export function align(before, after) {
  const plan = after.map(() => ({ same: null, replaces: null }));
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) {
    plan[head].same = head;
    head += 1;
  }
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    plan[after.length - 1 - tail].same = before.length - 1 - tail;
    tail += 1;
  }
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      rows[i][j] = a[i] === b[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
    }
  }
  let i = 0;
  let j = 0;
  let runA = [];
  let runB = [];
  const flush = () => {
    if (runA.length === runB.length) runB.forEach((n, k) => { plan[n].replaces = runA[k]; });
    runA = [];
    runB = [];
  };
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      flush();
      plan[head + j].same = head + i;
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && rows[i + 1][j] >= rows[i][j + 1])) {
      runA.push(head + i);
      i += 1;
    } else {
      runB.push(head + j);
      j += 1;
    }
  }
  flush();
  // A block moved elsewhere is still nobody's new text.
  const used = new Set(plan.map((p) => p.same).filter((n) => n !== null));
  plan.forEach((p, n) => {
    if (p.same !== null) return;
    const from = before.findIndex((f, k) => f === after[n] && !used.has(k));
    if (from === -1) return;
    used.add(from);
    p.same = from;
    p.replaces = null;
  });
  return plan;
}

const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?=[ \t]|$)/;
const OTHER = { '-': '*', '*': '-', '+': '-', '.': ')', ')': '.' };

/** The character that tells two adjacent lists apart, or null if `text` opens no list. */
function marker(text) {
  const found = ITEM.exec(text);
  return found ? found[2].slice(-1) : null;
}

/** `text`, a list, with its outermost markers' character changed to `next`. */
function withMarker(text, next) {
  const [, indent, first] = ITEM.exec(text);
  const old = first.slice(-1);
  return text
    .split('\n')
    .map((line) => {
      const found = ITEM.exec(line);
      if (!found || found[1] !== indent || found[2].slice(-1) !== old) return line;
      return line.slice(0, found[0].length - 1) + next + line.slice(found[0].length);
    })
    .join('\n');
}

/** Another marker for a list, so that it does not run into its neighbours. */
function apart(text, avoid) {
  const old = marker(text);
  const next = OTHER[old] !== avoid ? OTHER[old] : { '-': '+', '*': '+' }[old] ?? old;
  return withMarker(text, next);
}

/** A rewritten list keeps the kind of marker that its author used. */
function likeBefore(text, before) {
  const now = marker(text);
  const was = marker(before);
  const ordered = (mark) => mark === '.' || mark === ')';
  return now === null || was === null || now === was || ordered(now) !== ordered(was) ? text : withMarker(text, was);
}

const isBlankLine = (text) => /\n[ \t]*\n/.test(text);

/**
 * @param {ReturnType<typeof cut>} original
 * @param {{same: number | null, replaces: number | null, text?: string}[]} plan
 *   `text` is the new Markdown of a node without `same`; an empty one is dropped
 * @returns {string}
 */
export function reassemble(original, plan) {
  const { blocks, separators } = original;
  const place = new Map();
  blocks.forEach((block, n) => { if (block.node !== null) place.set(block.node, n); });

  const items = [];
  for (const p of plan) {
    if (p.same !== null) {
      const n = place.get(p.same);
      items.push({ text: blocks[n].text, at: n, kept: true });
    } else if (p.text !== undefined && p.text.trim() !== '') {
      const at = p.replaces === null ? null : place.get(p.replaces);
      const text = p.text.replace(/^\n+|\s+$/g, '');
      items.push({ text: at === null ? text : likeBefore(text, blocks[at].text), at, kept: false });
    }
  }
  // Hidden blocks stay behind the nearest earlier block that is still there.
  blocks.forEach((block, n) => {
    if (block.node !== null) return;
    let after = -1;
    items.forEach((item, k) => { if (item.at !== null && item.at < n) after = k; });
    items.splice(after + 1, 0, { text: block.text, at: n, kept: true });
  });

  let out = separators[0];
  items.forEach((item, k) => {
    if (k > 0) {
      const prev = items[k - 1];
      let gap;
      if (prev.at !== null && item.at === prev.at + 1) gap = separators[item.at];
      if (gap === undefined || !(prev.kept && item.kept)) {
        const candidates = [gap, prev.at !== null ? separators[prev.at + 1] : undefined, item.at !== null ? separators[item.at] : undefined];
        gap = candidates.find((c) => c !== undefined && isBlankLine(c)) ?? '\n\n';
      }
      out += gap;
      const mark = marker(item.text);
      const same = mark !== null && mark === marker(prev.text) && !(prev.kept && item.kept);
      if (same && !item.kept) {
        item.text = apart(item.text, k + 1 < items.length ? marker(items[k + 1].text) : null);
      } else if (same) {
        const changed = apart(prev.text, k > 1 ? marker(items[k - 2].text) : null);
        out = out.slice(0, out.length - gap.length - prev.text.length) + changed + gap;
        prev.text = changed;
      }
    }
    out += item.text;
  });
  return separators.length > 1 ? out + separators[separators.length - 1] : out;
}
