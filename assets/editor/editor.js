/**
 * The rich editor over `<textarea data-editor>`. The textarea stays the form's
 * field; its value changes only when the person edits, and then only in the
 * blocks that were edited (see blocks.mjs).
 */

import { Editor, commandsCtx, defaultValueCtx, editorViewCtx, editorViewOptionsCtx, parserCtx, remarkCtx, remarkStringifyOptionsCtx, rootCtx, schemaCtx, serializerCtx } from '@milkdown/kit/core';
import { history } from '@milkdown/kit/plugin/history';
import {
  commonmark, headingIdGenerator, listItemKeymap, remarkPreserveEmptyLinePlugin, syncHeadingIdPlugin,
  toggleEmphasisCommand, toggleStrongCommand, turnIntoTextCommand,
  wrapInBlockquoteCommand, wrapInBulletListCommand, wrapInHeadingCommand, wrapInOrderedListCommand,
} from '@milkdown/kit/preset/commonmark';
import { addColAfterCommand, addRowAfterCommand, gfm, insertTableCommand } from '@milkdown/kit/preset/gfm';
import { lift } from '@milkdown/kit/prose/commands';
import { redo, redoDepth, undo, undoDepth } from '@milkdown/kit/prose/history';
import { liftListItem } from '@milkdown/kit/prose/schema-list';
import { EditorState, Plugin } from '@milkdown/kit/prose/state';
import { deleteColumn, deleteRow, deleteTable } from '@milkdown/kit/prose/tables';
import { $prose, $remark } from '@milkdown/kit/utils';
import { align, cut, reassemble } from './blocks.mjs';
import { keepEscapedBrackets, writeText } from './brackets.mjs';
import { withoutEdges } from './edges.mjs';

const MODE_KEY = 'reviewflow.editor';
const WORDS = {
  toolbar: 'Formatting', bold: 'Bold', italic: 'Italic', heading: 'Heading', list: 'List', numbered: 'Numbered list',
  quote: 'Quote', link: 'Link', table: 'Table', undo: 'Undo', redo: 'Redo',
  'row-add': 'Add row', 'row-delete': 'Delete row', 'column-add': 'Add column', 'column-delete': 'Delete column', 'table-delete': 'Delete table',
  'link-url': 'Address of the link', 'link-apply': 'Set link', 'link-remove': 'Remove link', cancel: 'Cancel',
  plain: 'Plain Markdown', rich: 'Rich text',
  unsafe: 'This text has parts that the rich editor cannot keep, so it is shown as plain Markdown.',
};
/** Attributes that the editor derives, and nobody writes. */
const DERIVED = { heading: ['id'], list_item: ['label', 'listType'] };

const escapedBrackets = $remark('reviewflowBrackets', () => keepEscapedBrackets);
const dropped = new Set([remarkPreserveEmptyLinePlugin, syncHeadingIdPlugin].flat());
const markdown = [...commonmark.filter((p) => !dropped.has(p)), ...gfm];

const prints = new WeakMap();
function fingerprint(node) {
  let print = prints.get(node);
  if (print === undefined) {
    const strip = (json) => {
      const attrs = json.attrs ? { ...json.attrs } : undefined;
      if (attrs) for (const name of DERIVED[json.type] ?? []) delete attrs[name];
      return { ...json, attrs, content: json.content?.map(strip) };
    };
    print = JSON.stringify(strip(withoutEdges(node.toJSON())));
    prints.set(node, print);
  }
  return print;
}

const children = (doc) => Array.from({ length: doc.childCount }, (_, n) => doc.child(n));

/** The source and the nodes it was parsed into, one to one; or null if they cannot be matched. */
function readSource(ctx, source) {
  const remark = ctx.get(remarkCtx);
  const doc = ctx.get(parserCtx)(source);
  if (!doc || typeof doc === 'string') return null;
  const tree = remark.runSync(remark.parse(source), source);
  const spans = tree.children.map((n) => n.position && { start: n.position.start.offset, end: n.position.end.offset });
  if (spans.some((s) => !s)) return null;
  const nodes = spans.length === 0 ? [] : children(doc);
  if (nodes.length !== spans.length) return null;
  const cutting = cut(source, spans);
  if (!cutting) return null;
  const original = { source, doc, cutting, prints: nodes.map(fingerprint) };
  return reassemble(cutting, align(original.prints, original.prints)) === source ? original : null;
}

function serialize(ctx, nodes) {
  const schema = ctx.get(schemaCtx);
  const doc = schema.topNodeType.create(null, nodes.map((node) => schema.nodeFromJSON(withoutEdges(node.toJSON()))));
  return ctx.get(serializerCtx)(doc);
}

/** The Markdown of the edited document, with the original bytes of every block that is unchanged. */
function writeSource(ctx, original, doc) {
  const nodes = children(doc);
  const now = nodes.map(fingerprint);
  if (now.length === original.prints.length && now.every((p, n) => p === original.prints[n])) return original.source;
  const plan = align(original.prints, now);
  const write = (p) => reassemble(original.cutting, p.map((x, n) => (x.same === null ? { ...x, text: serialize(ctx, [nodes[n]]) } : x)));
  const holds = (text, p) => {
    const read = children(ctx.get(parserCtx)(text)).map(fingerprint);
    let at = 0;
    return p.every((x, n) => {
      if (x.same === null) return true;
      at = read.indexOf(now[n], at) + 1;
      return at > 0;
    });
  };
  const text = write(plan);
  if (holds(text, plan)) return text;
  // A neighbour now reads differently (say, indented code that follows a new list): write it anew too.
  const wider = plan.map((p, n) => (p.same !== null && (plan[n - 1]?.same === null || plan[n + 1]?.same === null) ? { same: null, replaces: p.same } : p));
  const again = write(wider);
  return holds(again, wider) ? again : text;
}

function element(tag, attributes, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...content);
  return made;
}

function remembered() {
  try { return localStorage.getItem(MODE_KEY); } catch { return null; }
}
function remember(mode) {
  try { localStorage.setItem(MODE_KEY, mode); } catch { /* private window: not remembered */ }
}

let count = 0;

async function enhance(textarea) {
  if (textarea.readOnly || textarea.disabled) return;
  count += 1;
  const id = textarea.id || (textarea.id = `editor-${count}`);
  const word = (key) => textarea.getAttribute(`data-label-${key}`) || WORDS[key];
  const label = textarea.labels?.[0];
  if (label && !label.id) label.id = `${id}-label`;

  const body = element('div', { class: 'editor__body' });
  const buttons = element('div', { class: 'editor__bar', role: 'toolbar', 'aria-label': word('toolbar'), 'aria-controls': `${id}-rich` });
  const linkRow = element('div', { class: 'editor__link', role: 'group', 'aria-label': word('link'), hidden: true });
  const toggle = element('button', { type: 'button', class: 'link editor__mode' });
  const head = element('div', { class: 'editor__head' }, buttons, toggle);
  const note = element('p', { class: 'editor__note', role: 'status' });
  const frame = element('div', { class: 'editor-frame' }, head, linkRow, body, note);

  let original = null;
  let rich = false;
  let edited = false;
  let own = false;
  let written = null;
  let cost = 0;
  let timer = 0;
  let ctx = null;
  let view = null;
  const items = [];

  const refresh = () => items.forEach((item) => item.refresh?.());

  const attributes = {
    id: `${id}-rich`, class: 'read editor__text', role: 'textbox', 'aria-multiline': 'true',
    spellcheck: 'true', 'aria-keyshortcuts': 'Alt+F10',
  };
  if (label) attributes['aria-labelledby'] = label.id;
  else attributes['aria-label'] = textarea.getAttribute('aria-label') || textarea.name;
  if (textarea.getAttribute('aria-describedby')) attributes['aria-describedby'] = textarea.getAttribute('aria-describedby');
  if (textarea.getAttribute('aria-invalid')) attributes['aria-invalid'] = textarea.getAttribute('aria-invalid');
  const lang = textarea.getAttribute('lang') || textarea.closest('[lang]')?.getAttribute('lang');
  if (lang) attributes.lang = lang;

  const watch = $prose(() => new Plugin({
    view: () => ({
      update(v, before) {
        if (view && !before.doc.eq(v.state.doc)) {
          edited = true;
          clearTimeout(timer);
          timer = setTimeout(sync, Math.max(250, 3 * cost));
        }
        refresh();
      },
    }),
    props: {
      handleKeyDown(_v, event) {
        if (event.altKey && event.key === 'F10') {
          (items.find((i) => i.button.tabIndex === 0) ?? items[0]).button.focus();
          return true;
        }
        return false;
      },
    },
  }));

  function sync() {
    clearTimeout(timer);
    if (!rich || !edited || !original) return;
    edited = false;
    const started = performance.now();
    const text = writeSource(ctx, original, view.state.doc);
    cost = performance.now() - started;
    written = text;
    if (text === textarea.value) return;
    own = true;
    textarea.value = text;
    textarea.dispatchEvent(new Event('input', { bubbles: true }));
    own = false;
  }

  /** Puts the textarea's text into the editor; false if that is not safe. */
  function load() {
    const read = (() => { try { return readSource(ctx, textarea.value); } catch { return null; } })();
    if (!read) return false;
    original = read;
    written = read.source;
    const state = EditorState.create({ schema: view.state.schema, doc: read.doc, plugins: view.state.plugins });
    view.updateState(state);
    edited = false;
    clearTimeout(timer);
    return true;
  }

  function show(mode, focus) {
    if (mode === 'plain') sync();
    const safe = mode === 'plain' || (original && written === textarea.value) || load();
    rich = mode === 'rich' && safe;
    note.textContent = safe ? '' : word('unsafe');
    note.hidden = safe;
    buttons.hidden = !rich;
    body.hidden = !rich;
    if (!rich) linkRow.hidden = true;
    textarea.hidden = rich;
    // A hidden field that the browser requires could not be filled in: the server answers instead.
    if (textarea.required || textarea.dataset.required) {
      textarea.dataset.required = '1';
      textarea.required = !rich;
    }
    toggle.textContent = rich ? word('plain') : word('rich');
    refresh();
    if (focus) (rich ? view : textarea).focus();
  }

  let editor;
  try {
    editor = await Editor.make()
      .config((c) => {
        c.set(rootCtx, body);
        c.set(defaultValueCtx, '');
        c.update(editorViewOptionsCtx, (o) => ({ ...o, attributes }));
        c.update(remarkStringifyOptionsCtx, (o) => ({
          ...o, bullet: '-', rule: '-', listItemIndent: 'one', handlers: { ...o.handlers, text: writeText },
        }));
        c.set(headingIdGenerator.key, (node) => `${id}-h-${node.textContent.slice(0, 40).replace(/\s+/g, '-')}`);
        // Tab leaves the text, as everywhere on the page; lists indent with Mod-] and Mod-[.
        c.update(listItemKeymap.key, (keys) => ({
          ...keys,
          SinkListItem: { ...keys.SinkListItem, shortcuts: 'Mod-]' },
          LiftListItem: { ...keys.LiftListItem, shortcuts: 'Mod-[' },
        }));
      })
      .use(markdown)
      .use(escapedBrackets)
      .use(history)
      .use(watch)
      .create();
  } catch (error) {
    console.error(error);
    return;
  }
  ctx = editor.ctx;
  view = ctx.get(editorViewCtx);
  const { nodes, marks } = view.state.schema;
  const command = (cmd, payload) => () => ctx.get(commandsCtx).call(cmd.key, payload);
  const prose = (cmd) => () => cmd(view.state, view.dispatch, view);

  const within = (...types) => {
    const { $from } = view.state.selection;
    for (let depth = $from.depth; depth > 0; depth -= 1) if (types.includes($from.node(depth).type)) return $from.node(depth);
    return null;
  };
  const marked = (type) => {
    const { from, $from, to, empty } = view.state.selection;
    return empty ? Boolean(type.isInSet(view.state.storedMarks || $from.marks())) : view.state.doc.rangeHasMark(from, to, type);
  };
  const inList = (type) => {
    const found = within(nodes.bullet_list, nodes.ordered_list);
    return found?.type === type;
  };
  const list = (type, wrap) => () => {
    if (inList(type)) prose(liftListItem(nodes.list_item))();
    else command(wrap)();
  };

  const specs = [
    { key: 'bold', keys: 'Ctrl+B', run: command(toggleStrongCommand), on: () => marked(marks.strong) },
    { key: 'italic', keys: 'Ctrl+I', run: command(toggleEmphasisCommand), on: () => marked(marks.emphasis) },
    { key: 'heading', keys: 'Ctrl+Alt+2', on: () => Boolean(within(nodes.heading)),
      run: () => (within(nodes.heading) ? command(turnIntoTextCommand) : command(wrapInHeadingCommand, 2))() },
    { key: 'list', run: list(nodes.bullet_list, wrapInBulletListCommand), on: () => inList(nodes.bullet_list) },
    { key: 'numbered', run: list(nodes.ordered_list, wrapInOrderedListCommand), on: () => inList(nodes.ordered_list) },
    { key: 'quote', run: () => (within(nodes.blockquote) ? prose(lift) : command(wrapInBlockquoteCommand))(), on: () => Boolean(within(nodes.blockquote)) },
    { key: 'link', run: openLink, on: () => marked(marks.link) },
    { key: 'table', run: command(insertTableCommand, { row: 3, col: 3 }), not: () => Boolean(within(nodes.table)) },
    { key: 'row-add', table: true, run: command(addRowAfterCommand) },
    { key: 'row-delete', table: true, run: prose(deleteRow), not: () => Boolean(within(nodes.table_header_row)) || (within(nodes.table)?.childCount ?? 0) < 3 },
    { key: 'column-add', table: true, run: command(addColAfterCommand) },
    { key: 'column-delete', table: true, run: prose(deleteColumn), not: () => (within(nodes.table)?.firstChild?.childCount ?? 0) < 2 },
    { key: 'table-delete', table: true, run: prose(deleteTable) },
    { key: 'undo', keys: 'Ctrl+Z', run: prose(undo), not: () => undoDepth(view.state) === 0 },
    { key: 'redo', keys: 'Ctrl+Shift+Z', run: prose(redo), not: () => redoDepth(view.state) === 0 },
  ];

  specs.forEach((spec, n) => {
    const button = element('button', {
      type: 'button', class: `editor__b editor__b--${spec.key}`, title: spec.keys ? `${word(spec.key)} (${spec.keys})` : false,
      'aria-pressed': spec.on ? 'false' : false,
    }, word(spec.key));
    button.tabIndex = n === 0 ? 0 : -1;
    const impossible = () => button.getAttribute('aria-disabled') === 'true';
    button.addEventListener('mousedown', (event) => event.preventDefault());
    button.addEventListener('click', () => {
      if (impossible()) return;
      spec.run();
      if (spec.key !== 'link') view.focus();
      refresh();
    });
    items.push({
      button,
      refresh() {
        if (!rich) return;
        if (spec.on) button.setAttribute('aria-pressed', String(spec.on()));
        if (spec.not) button.setAttribute('aria-disabled', String(spec.not()));
        if (spec.table) {
          button.hidden = !within(nodes.table);
          if (button.hidden && button.tabIndex === 0) rove(items[0].button);
        }
      },
    });
    buttons.append(button);
  });

  function rove(to) {
    items.forEach(({ button }) => { button.tabIndex = button === to ? 0 : -1; });
  }
  buttons.addEventListener('focusin', (event) => {
    if (items.some((i) => i.button === event.target)) rove(event.target);
  });
  buttons.addEventListener('keydown', (event) => {
    const shown = items.map((i) => i.button).filter((b) => !b.hidden);
    const at = shown.indexOf(document.activeElement);
    const rtl = getComputedStyle(buttons).direction === 'rtl' ? -1 : 1;
    const step = { ArrowRight: rtl, ArrowLeft: -rtl }[event.key];
    let to = null;
    if (step) to = shown[(at + step + shown.length) % shown.length];
    else if (event.key === 'Home') to = shown[0];
    else if (event.key === 'End') to = shown[shown.length - 1];
    else if (event.key === 'Escape') view.focus();
    else return;
    event.preventDefault();
    to?.focus();
  });

  // The link's address is asked for in the page, not in a dialog of the browser.
  const address = element('input', { type: 'text', id: `${id}-href`, class: 'input', inputmode: 'url', autocomplete: 'off', 'data-not-saved': true });
  const apply = element('button', { type: 'button', class: 'btn btn--s' }, word('link-apply'));
  const remove = element('button', { type: 'button', class: 'btn btn--s' }, word('link-remove'));
  const cancel = element('button', { type: 'button', class: 'btn btn--s' }, word('cancel'));
  linkRow.append(element('label', { for: `${id}-href`, class: 'label' }, word('link-url')), address, apply, remove, cancel);

  function linkRange() {
    const { from, to, empty, $from } = view.state.selection;
    if (!empty) return { from, to };
    if (!marks.link.isInSet($from.marks())) return null;
    const href = marks.link.isInSet($from.marks()).attrs.href;
    let start = from;
    let end = from;
    $from.parent.forEach((node, offset) => {
      const a = $from.start() + offset;
      const b = a + node.nodeSize;
      if (a <= from && b >= from && marks.link.isInSet(node.marks)?.attrs.href === href) { start = a; end = b; }
    });
    return { from: start, to: end };
  }
  function currentHref() {
    const range = linkRange();
    let href = '';
    if (range) view.state.doc.nodesBetween(range.from, range.to, (node) => { href ||= marks.link.isInSet(node.marks)?.attrs.href ?? ''; });
    return href;
  }
  function openLink() {
    address.value = currentHref();
    remove.hidden = address.value === '';
    linkRow.hidden = false;
    address.focus();
    address.select();
  }
  function closeLink() {
    linkRow.hidden = true;
    view.focus();
  }
  function setLink(href) {
    const range = linkRange();
    let { tr } = view.state;
    if (range) {
      tr = tr.removeMark(range.from, range.to, marks.link);
      if (href) tr = tr.addMark(range.from, range.to, marks.link.create({ href }));
    } else if (href) {
      tr = tr.replaceSelectionWith(view.state.schema.text(href, [marks.link.create({ href })]), false);
    }
    view.dispatch(tr);
    closeLink();
  }
  const safeHref = (href) => (/^\s*(javascript|data|vbscript):/i.test(href) ? '' : href.trim());
  apply.addEventListener('click', () => setLink(safeHref(address.value)));
  remove.addEventListener('click', () => setLink(''));
  cancel.addEventListener('click', closeLink);
  linkRow.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target === address) {
      event.preventDefault();
      setLink(safeHref(address.value));
    } else if (event.key === 'Escape') {
      event.preventDefault();
      closeLink();
    }
  });

  toggle.addEventListener('click', () => {
    const mode = rich ? 'plain' : 'rich';
    show(mode, true);
    remember(mode);
  });
  label?.addEventListener('click', (event) => {
    if (rich) {
      event.preventDefault();
      view.focus();
    }
  });
  textarea.addEventListener('input', () => {
    if (own || !rich) return;
    if (!load()) show('rich', false);
  });
  textarea.addEventListener('focus', () => { if (rich) view.focus(); });
  // Building the form's data (a submission, the autosave) always sees the newest text.
  textarea.form?.addEventListener('submit', sync, true);
  textarea.form?.addEventListener('formdata', (event) => {
    sync();
    if (textarea.name) event.formData.set(textarea.name, textarea.value);
  });
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') sync(); });
  addEventListener('pagehide', sync);

  textarea.after(frame);
  frame.insertBefore(textarea, note);
  show(remembered() === 'plain' ? 'plain' : 'rich', false);
  // An error summary links to the field: its target is then the editor.
  for (const link of document.querySelectorAll(`a[href="#${CSS.escape(id)}"]`)) {
    link.addEventListener('click', (event) => {
      if (!rich) return;
      event.preventDefault();
      view.focus();
      frame.scrollIntoView({ block: 'nearest' });
    });
  }
  textarea.dataset.editorReady = '1';
}

document.querySelectorAll('textarea[data-editor]').forEach((textarea) => { enhance(textarea); });
