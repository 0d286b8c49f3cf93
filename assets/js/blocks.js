/**
 * Puts pieces of a page's newer HTML into the page on the screen, so that no word that is being read moves, and
 * nothing in which somebody types is touched. What can't be put so is left; the caller tries again later.
 */

const BLOCK = '[data-discussed] > [id^="p"]';
const READ = `${BLOCK}, .item .title, .item .page__lead, [data-field="rationale"] > *`;
/** What stands in a block of the text, and is not of its words. */
const BESIDE = '.threads, .sheet-btn, [data-selecting]';
/** A box lower than this would show nothing of what comes into it, in pixels. */
const LOWEST = 40;

const isSelected = (node) => !getSelection().isCollapsed && getSelection().containsNode(node, true);

/** Whether something is being typed, selected or looked at in it that must stay as it is. */
export const isBusy = (element) => element.contains(document.activeElement) || element.matches(':popover-open') || isSelected(element)
  || element.querySelector('details[open]') !== null
  || [...element.querySelectorAll('input:not([type="hidden"]), textarea')].some((field) => (
    ['checkbox', 'radio'].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));

/** An element without what each answer of the server, or this page, says in another way. */
function bare(element) {
  const copy = element.cloneNode(true);
  for (const one of [copy, ...copy.querySelectorAll('[name="csrf_token"], [name="page"], .thread, .threads')]) {
    if (one.name) one.setAttribute('value', '');
    one.classList.remove('thread--fresh', 'threads--held', 'now');
    if (one.matches('.thread, .threads')) ['style', 'tabindex'].forEach((name) => one.removeAttribute(name));
  }
  return copy;
}
const same = (old, made) => bare(old).isEqualNode(bare(made));

const isOnScreen = (element) => {
  const rect = element.getBoundingClientRect();
  return rect.height > 0 && rect.bottom > 0 && rect.top < innerHeight;
};

/** What must stay where it is: the text on the screen, and where somebody types. The text is first. */
const still = () => [
  ...[...document.querySelectorAll(READ)].filter(isOnScreen),
  ...(document.activeElement?.matches('input, textarea, select') ? [document.activeElement] : []),
].map((element) => [element, element.getBoundingClientRect().top]);

const movedBy = ([element, top]) => element.getBoundingClientRect().top - top;

/** Whether all of it is where it was, once what has grown above the screen is scrolled away. */
function stays(before) {
  if (before.length === 0) return true;
  scrollBy({ top: movedBy(before[0]), behavior: 'instant' });
  return before.every((one) => Math.abs(movedBy(one)) < 1.5);
}

const insert = (node, place, next = null) => ({ put: () => place.insertBefore(node, next), back: () => node.remove() });
const say = (element, words, before = element.textContent) => ({ put: () => { element.textContent = words; }, back: () => { element.textContent = before; } });
const exchange = (old, fresh) => ({ put: () => old.replaceWith(fresh), back: () => fresh.replaceWith(old) });

/** Give the threads of a block that were kept in their room what they need. */
function loosen(block) {
  const [box, height, most] = [block.querySelector('.threads'), block.style.height, block.querySelector('.threads')?.style.maxHeight];
  const set = (tall, high, held) => {
    block.style.height = tall;
    block.toggleAttribute('data-held', held);
    box?.classList.toggle('threads--held', Boolean(high));
    if (box) box.style.maxHeight = high;
  };
  return { put: () => set('', '', false), back: () => set(height, most, height !== '') };
}

/**
 * Make changes, and take them back if anything moves by them. The threads `n`, where they grow, are kept in the room
 * that they have, and scroll within it: to what is new, or so that the field that one types in stays.
 */
function withoutMoving(changes, asked = false, n = null) {
  const before = still();
  const keep = n && roomOf(n);
  const all = keep ? [loosen(document.getElementById(`p${n}`)), ...changes] : changes;
  all.forEach((change) => change.put());
  if (asked || stays(before) || (keep?.() && stays(before))) return true;
  if (keep) loosen(document.getElementById(`p${n}`)).put();
  all.reverse().forEach((change) => change.back());
  stays(before);
  return false;
}

/** The room of the threads `n` beside or below their block, and what keeps them in it. */
function roomOf(n) {
  const find = () => document.getElementById(`threads-${n}`);
  const [box, block] = [find(), document.getElementById(`p${n}`)];
  if (!box || !block?.contains(box)) return null;
  const height = block.getBoundingClientRect().height;
  const apart = block.nextElementSibling ? block.nextElementSibling.getBoundingClientRect().top : block.getBoundingClientRect().bottom;
  const isOver = box.matches(':popover-open');
  const typed = box.contains(document.activeElement) ? document.activeElement : null;
  const { top, height: most } = box.getBoundingClientRect();
  // With more room than before there would be less to scroll than came in above the field.
  const room = isOver || typed ? most : apart - top - 4;
  const at = typed?.getBoundingClientRect().top;
  const isRead = box.matches(':hover');
  return () => {
    const now = find();
    block.style.height = `${height}px`;
    if (now.getClientRects().length > 0) {
      if (room < LOWEST) return false;
      now.classList.add('threads--held');
      now.style.maxHeight = `${room}px`;
      const fresh = [...now.querySelectorAll('.thread--fresh')].at(-1);
      if (typed) now.scrollTop += typed.getBoundingClientRect().top - at;
      else if (fresh && !isRead) now.scrollTop += fresh.getBoundingClientRect().top - now.getBoundingClientRect().top;
    }
    block.toggleAttribute('data-held', true);
    return true;
  };
}

/** The same for all, where that moves nothing, or where the reader asks for it. */
export function release(asked = false) {
  for (const block of document.querySelectorAll('[data-held]')) withoutMoving([loosen(block)], asked);
}

export function replace(old, made, asked = false) {
  if (same(old, made)) return true;
  return !isBusy(old) && withoutMoving([exchange(old, document.importNode(made, true))], asked);
}

/** Threads of one place as they are now, with those that are new or have grown marked as fresh. */
function freshened(old, made) {
  const fresh = document.importNode(made, true);
  for (const thread of fresh.querySelectorAll('.thread')) {
    const known = old?.querySelector(`#${thread.id}`);
    const grown = !known || known.querySelectorAll('.say').length < thread.querySelectorAll('.say').length;
    if (grown || known.matches('.thread--fresh')) thread.classList.add('thread--fresh');
  }
  return fresh;
}

/** Where one is at work among threads: new ones stand last, before the form, and others grow where nobody types. */
function merged(old, fresh) {
  const form = old.querySelector(':scope > .comment-in');
  return [...fresh.querySelectorAll('.thread')].flatMap((thread) => {
    const known = old.querySelector(`#${thread.id}`);
    if (!known) return [insert(thread, old, form)];
    if (same(known, thread)) return [];
    if (!isBusy(known)) return [exchange(known, thread)];
    const said = [...known.querySelectorAll('.say')];
    const more = said.length > 0 ? [...thread.querySelectorAll('.say')].slice(said.length) : [];
    return more.map((one) => insert(one, known, said.at(-1).closest('.thread > *').nextSibling));
  });
}

/** Threads and the button that opens them; `beside` are these two of both pages. */
function putThreads([[button, old], [newButton, made]], n, asked) {
  if (same(old, made)) return true;
  const [fresh, busy] = [freshened(old, made), isBusy(old)];
  const changes = busy ? merged(old, fresh) : [exchange(old, fresh)];
  if (button && newButton) changes.push(say(button, newButton.textContent));
  else if (newButton && !busy) changes.unshift(insert(document.importNode(newButton, true), old.parentElement, old));
  return changes.length === 0 || withoutMoving(changes, asked, n);
}

/** The words of one block or field: marks come at once, other words (a suggestion) only where nobody reads. */
function putWords(old, made, asked) {
  // Between the elements of a paragraph there is nothing but line ends.
  const words = (block) => [...block.childNodes].filter((node) => (node instanceof Element ? !node.matches(BESIDE) : !block.matches('.para')));
  const whole = (nodes) => {
    const all = document.createElement('div');
    all.append(...nodes.map((node) => document.importNode(node, true)));
    all.normalize();
    return all;
  };
  const mine = words(old);
  const [before, after] = [whole(mine), whole(words(made))];
  if (before.innerHTML.trim() === after.innerHTML.trim()) return true;
  const isUsed = mine.some((node) => node.contains(document.activeElement) || isSelected(node));
  if (isUsed || (!asked && isOnScreen(old) && before.textContent.trim() !== after.textContent.trim())) return false;
  const next = mine.at(-1).nextSibling;
  return withoutMoving([{
    put: () => { mine.forEach((node) => node.remove()); [...after.childNodes].forEach((node) => old.insertBefore(node, next)); },
    back: () => { words(old).forEach((node) => node.remove()); mine.forEach((node) => old.insertBefore(node, next)); },
  }], asked);
}

const beside = (n, page) => [document, page].map((root) => [root.querySelector(`.sheet-btn[popovertarget="threads-${n}"]`), root.getElementById(`threads-${n}`)]);

/** A block of the text: its words with their marks, its threads, and the button that opens these. */
export function putBlock(made, page, asked) {
  const old = document.getElementById(made.id);
  if (!old) return false;
  const n = made.id.slice(1);
  const done = putWords(old, made, asked);
  const found = beside(n, page);
  const [[, threads], [button, newThreads]] = found;
  if (!newThreads) return done;
  if (threads) return putThreads(found, n, asked) && done;
  // A heading has its threads after it, a paragraph within.
  const place = old.matches('.para') ? [old, null] : [old.parentElement, old.nextSibling];
  const parts = [...(button ? [document.importNode(button, true)] : []), freshened(null, newThreads)];
  return withoutMoving(parts.map((part) => insert(part, ...place)), asked) && done;
}

/** What is said of the title, the summary, the rationale or the whole text, and the marks in it. */
export function putField(field, page, asked) {
  const [old, made] = [document, page].map((root) => root.querySelector(`[data-field="${field}"]`));
  const done = !old || !made || putWords(old, made, asked);
  const found = beside(field, page);
  return (!found[0][1] || !found[1][1] || putThreads(found, field, asked)) && done;
}
