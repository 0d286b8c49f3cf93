/**
 * Words selected in the text under discussion, with mouse, finger or keyboard: buttons beside them open the
 * paragraph's form with the words filled in, links lead to a page that has them. Without this file one types them into the same form.
 */

const text = document.querySelector('[data-discussed]');
const bar = document.querySelector('[data-selecting]');
/** What a reader of the paragraph sees and is not of its words. */
const OTHER = '.threads, .pn, .vh, .fn, ins, .sheet-btn, .suggest-in, [data-selecting]';
const WAIT = 150;
/** An address holds no more; the form says then that these words are not there. */
const LONGEST = 2000;

/** The paragraph of the text or of the rationale, the title or the summary that a node is in. */
const BLOCK = '[data-discussed] > [id^="p"], [data-field="rationale"] > *, [data-field]:not([data-field="rationale"])';
const blockOf = (node) => (node instanceof Element ? node : node?.parentElement)?.closest(BLOCK);
const fieldOf = (block) => block.closest('[data-field]')?.dataset.field;
/** The number of a paragraph; the title and the summary are looked through as a whole. */
const numberOf = (block) => {
  const field = fieldOf(block);
  if (!field) return block.id.slice(1);
  return field === 'rationale' ? [...block.parentElement.children].filter((one) => one !== bar).indexOf(block) + 1 : '';
};
const letters = (words) => words.replace(/\s+/g, '').length;

/** The words of the selection within the paragraph where it begins, and how many letters stand before them. */
function selected() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const block = blockOf(range.startContainer);
  if (!block) return null;
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let near = 0;
  let words = '';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(OTHER)) continue;
    const inside = range.intersectsNode(node);
    const from = !inside ? node.length : node === range.startContainer ? range.startOffset : 0;
    const to = inside && node === range.endContainer ? range.endOffset : node.length;
    if (words === '' && (inside || range.comparePoint(node, 0) < 0)) near += letters(node.data.slice(0, from));
    if (inside) words += node.data.slice(from, to);
  }
  words = words.replace(/\s+/g, ' ').trim();
  return words ? { block, near, words, range } : null;
}

function show() {
  const found = selected();
  if (!found) {
    bar.hidden = true;
    return;
  }
  // Inside of the paragraph, so that the next stop of the keyboard after the words is the button.
  const threads = found.block.querySelector(':scope > .threads, :scope > .sheet-btn');
  const field = fieldOf(found.block);
  if (field) {
    if (found.block.nextElementSibling !== bar) found.block.after(bar);
  } else if (bar.parentElement !== found.block) found.block.insertBefore(bar, threads);
  bar.querySelector('[data-opens]').hidden = Boolean(field);
  for (const link of bar.querySelectorAll('[data-carries]')) {
    const address = new URL(link.href);
    const carried = { field: field ?? '', paragraph: numberOf(found.block), words: found.words.slice(0, LONGEST), near: found.near };
    for (const [name, value] of Object.entries(carried)) address.searchParams.set(name, value);
    link.href = address.href;
  }
  bar.hidden = false;
  const rects = found.range.getClientRects();
  const at = rects[rects.length - 1] ?? found.range.getBoundingClientRect();
  const origin = bar.offsetParent?.getBoundingClientRect() ?? { left: -scrollX, top: -scrollY };
  const width = bar.offsetWidth;
  const left = Math.max(8, Math.min(at.right - width / 2, document.documentElement.clientWidth - width - 8));
  bar.style.left = `${left - origin.left}px`;
  bar.style.top = `${at.bottom + 8 - origin.top}px`;
}

/** The form of a paragraph: there already, or made from the model in the place of its link. */
function formOf(number) {
  const link = document.querySelector(`[data-comment="${number}"]`);
  const model = document.getElementById('comment-model');
  if (!link || !model) return document.getElementById(`comment-${number}`) ?? document.getElementById('comment-0');
  const made = document.createElement('template');
  made.innerHTML = model.innerHTML.replaceAll('{n}', number);
  const form = made.content.querySelector('details');
  form.querySelector('summary').textContent = link.textContent;
  link.parentElement.replaceWith(form);
  return form;
}

function open(number, found) {
  const form = formOf(number);
  if (!form) return;
  form.open = true;
  const sheet = form.closest('[popover]');
  if (sheet && sheet.getClientRects().length === 0) sheet.showPopover();
  for (const [name, value] of found ? [['words', found.words], ['near', String(found.near)]] : []) {
    const field = form.querySelector(`[name="${name}"]`);
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  bar.hidden = true;
  const next = form.querySelector('textarea');
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}

if (text && bar) {
  let timer = 0;
  let pressed = false;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!pressed) show(); }, WAIT);
  };
  document.addEventListener('selectionchange', later);
  document.addEventListener('pointerdown', (event) => { pressed = !bar.contains(event.target); });
  for (const end of ['pointerup', 'pointercancel']) {
    document.addEventListener(end, () => {
      pressed = false;
      later();
    });
  }
  addEventListener('resize', later);
  // A press on a button would take the selection away before the click.
  bar.addEventListener('pointerdown', (event) => event.preventDefault());
  bar.addEventListener('click', (event) => {
    const found = event.target.closest('[data-opens]') && selected();
    if (found) open(found.block.id.slice(1), found);
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-comment]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.dataset.comment, null);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') bar.hidden = true;
  });
  /* Typing the words by hand means that their place in the paragraph is no longer known. */
  document.addEventListener('input', (event) => {
    const near = event.isTrusted && event.target.name === 'words' && event.target.form?.elements.near;
    if (near) near.value = '';
  });
}
