/**
 * What the pages do beyond HTML. Every page works without this file.
 */

import { keysOff, plainKey, typing } from './find.js';
import './keys.js';
import './live.js';
import './select.js';
import './tables.js';

/* ---------- the browser's own copy of an unsaved text ---------- */

const copies = {
  key: (url) => `reviewflow.copy:${url}`,
  read(url) {
    try { return JSON.parse(localStorage.getItem(this.key(url))); } catch { return null; }
  },
  write(url, fields) {
    try {
      localStorage.setItem(this.key(url), JSON.stringify({ fields, at: new Date().toISOString() }));
      return true;
    } catch { return false; }
  },
  clear(url) {
    try { localStorage.removeItem(this.key(url)); } catch { /* nothing is kept, then */ }
  },
};

/** The fields that a person fills in: [name, value] pairs, without tokens, passwords and files. */
function written(form) {
  const pairs = [];
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.dataset.notSaved !== undefined) continue;
    if (['hidden', 'password', 'file', 'submit', 'button', 'reset', 'image'].includes(field.type) || field.tagName === 'FIELDSET' || field.tagName === 'OUTPUT') continue;
    if ((field.type === 'checkbox' || field.type === 'radio') && !field.checked) continue;
    if (field.tagName === 'SELECT' && field.multiple) for (const o of field.selectedOptions) pairs.push([field.name, o.value]);
    else pairs.push([field.name, field.value.replace(/\r\n?/g, '\n')]);
  }
  return pairs;
}

function putBack(form, pairs) {
  const values = new Map();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || ['hidden', 'password', 'file', 'submit', 'button'].includes(field.type) || field.dataset.notSaved !== undefined) continue;
    const wanted = values.get(field.name) ?? [];
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = wanted.includes(field.value);
    else if (field.tagName === 'SELECT') for (const o of field.options) o.selected = wanted.includes(o.value);
    else if (wanted.length > 0) field.value = wanted[0];
    else continue;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/* ---------- autosave ---------- */

const WAIT = 1500;
/** A request that outlives its page may carry 64 KB. */
const KEEPALIVE = 60000;

function autosave(form) {
  const url = form.dataset.autosave;
  const name = form.dataset.autosaveKey ? `${url}#${form.dataset.autosaveKey}` : url;
  const status = form.querySelector('[data-autosave-status]') ?? document.querySelector('[data-autosave-status]');
  const say = (key, fallback, values = {}) => {
    if (!status) return;
    const text = form.dataset[key] ?? fallback;
    status.textContent = text.replace(/\{(\w+)\}/g, (whole, k) => values[k] ?? whole);
  };
  const reasons = {
    offline: form.dataset.autosaveOffline ?? 'no connection',
    signedOut: form.dataset.autosaveSignedOut ?? 'you are signed out',
    conflict: form.dataset.autosaveConflict ?? 'someone else saved meanwhile',
    refused: form.dataset.autosaveRefused ?? 'the server refused it',
  };
  const failed = (reason) => {
    status?.setAttribute('data-failed', '');
    say('autosaveFailed', 'Not saved: {reason}', { reason });
  };
  const clock = () => new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date());

  const print = () => JSON.stringify(written(form));
  let saved = print();
  let timer = 0;
  let running = null;
  let stopped = false;

  async function send(leaving) {
    clearTimeout(timer);
    timer = 0;
    const body = new URLSearchParams();
    for (const [k, v] of new FormData(form)) if (typeof v === 'string') body.append(k, v);
    const sent = print();
    if (stopped || sent === saved) return;
    if (running && !leaving) {
      timer = setTimeout(send, WAIT);
      return;
    }
    const text = body.toString();
    const mine = new AbortController();
    running = mine;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body: text,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8', Accept: 'application/json', 'X-Requested-With': 'fetch' },
        credentials: 'same-origin',
        keepalive: Boolean(leaving) && text.length < KEEPALIVE,
        signal: mine.signal,
      });
      const json = (answer.headers.get('Content-Type') ?? '').includes('json') ? await answer.json().catch(() => ({})) : {};
      if (answer.ok && !answer.redirected) {
        for (const [field, value] of Object.entries(json.fields ?? {})) {
          if (form.elements[field]?.type === 'hidden') form.elements[field].value = value;
        }
        saved = sent;
        if (print() === sent) copies.clear(name);
        status?.removeAttribute('data-failed');
        say('autosaveSaved', 'Saved {time}', { time: json.time ?? clock() });
      } else if (answer.redirected || answer.status === 401 || answer.status === 403) {
        failed(json.message ?? reasons.signedOut);
      } else if (answer.status === 409 || answer.status === 412) {
        failed(json.message ?? reasons.conflict);
      } else {
        failed(json.message ?? reasons.refused);
      }
    } catch (error) {
      if (error.name !== 'AbortError') failed(reasons.offline);
    } finally {
      if (running === mine) running = null;
    }
  }

  function changed() {
    if (stopped) return;
    const now = print();
    if (now === saved) {
      copies.clear(name);
      clearTimeout(timer);
      return;
    }
    copies.write(name, JSON.parse(now));
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
  }

  form.addEventListener('input', changed);
  form.addEventListener('change', changed);
  addEventListener('online', () => { if (print() !== saved) send(); });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return;
    changed();
    send(true);
  });
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    // The submission carries the text; an autosave that arrives after it would be stale.
    clearTimeout(timer);
    running?.abort();
    stopped = true;
  });
  addEventListener('pageshow', () => { stopped = false; });

  const offer = form.querySelector('[data-restore]') ?? document.querySelector('[data-restore]');
  const copy = copies.read(name);
  if (!copy) return;
  if (JSON.stringify(copy.fields) === saved) {
    copies.clear(name);
    return;
  }
  if (!offer) return;
  const time = offer.querySelector('[data-restore-time]');
  if (time) {
    time.dateTime = copy.at;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(copy.at));
  }
  offer.hidden = false;
  offer.querySelector('[data-restore-apply]')?.addEventListener('click', () => {
    putBack(form, copy.fields);
    offer.hidden = true;
    form.querySelector('textarea')?.focus();
    changed();
  });
  offer.querySelector('[data-restore-discard]')?.addEventListener('click', () => {
    copies.clear(name);
    offer.hidden = true;
    form.querySelector('textarea')?.focus();
  });
}

for (const done of document.querySelectorAll('[data-autosave-clear]')) copies.clear(done.dataset.autosaveClear);
document.querySelectorAll('form[data-autosave]').forEach(autosave);

/* ---------- one submission a form ---------- */

const AGAIN = 10000;
const sent = new Set();

function release(form) {
  sent.delete(form);
  form.removeAttribute('aria-busy');
  for (const button of form.querySelectorAll('[data-waiting]')) {
    button.removeAttribute('aria-disabled');
    delete button.dataset.waiting;
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || form.dataset.resubmit !== undefined) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  form.setAttribute('aria-busy', 'true');
  // Not `disabled`: the pressed button's own value must be part of the form's data.
  for (const button of form.querySelectorAll('button:not([type="button"]), input[type="submit"]')) {
    if (button.getAttribute('aria-disabled') === 'true') continue;
    button.setAttribute('aria-disabled', 'true');
    button.dataset.waiting = '';
  }
  setTimeout(() => release(form), AGAIN);
});
addEventListener('pageshow', () => { [...sent].forEach(release); });

/* An act that is not possible yet stays focusable, with its reason, and does nothing. */
document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[aria-disabled="true"]');
  if (button && !button.closest('[role="toolbar"]')) event.preventDefault();
}, true);

/* ---------- keys: rows, changes, threads ---------- */

for (const table of document.querySelectorAll('.tbl--status')) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const link = (row) => row?.querySelector('.t a, a');
  const current = () => rows.findIndex((row) => row.hasAttribute('aria-current'));
  const choose = (row) => {
    rows.forEach((r) => r.removeAttribute('aria-current'));
    row.setAttribute('aria-current', 'true');
  };
  table.addEventListener('focusin', (event) => {
    const row = event.target.closest('tbody tr');
    if (row) choose(row);
  });
  document.addEventListener('keydown', (event) => {
    if (rows.length === 0 || keysOff() || typing(event.target) || !plainKey(event) || event.shiftKey) return;
    const inside = table.contains(event.target);
    if (!inside && event.target !== document.body && event.target !== document.documentElement) return;
    const at = current();
    let to = null;
    if (event.key === 'ArrowDown') to = Math.min(at + 1, rows.length - 1);
    else if (event.key === 'ArrowUp') to = Math.max(at - 1, 0);
    else if (inside && event.key === 'Home') to = 0;
    else if (inside && event.key === 'End') to = rows.length - 1;
    else if (event.key === 'Enter' && !inside && at >= 0) {
      event.preventDefault();
      link(rows[at])?.click();
      return;
    } else return;
    event.preventDefault();
    choose(rows[to]);
    link(rows[to])?.focus({ preventScroll: true });
    rows[to].scrollIntoView({ block: 'nearest' });
  });
}

{
  const shown = () => [...document.querySelectorAll('[data-change], .item .thread')].filter((c) => c.getClientRects().length > 0);
  const counter = document.querySelector('[data-change-count]');
  let now = null;
  const step = (by) => {
    const changes = shown();
    if (changes.length === 0) return false;
    // A thread that came anew while the page was open is still the same by its id.
    const at = now === null ? -1 : changes.findIndex((change) => change === now || (now.id && change.id === now.id));
    const to = at === -1 ? (by > 0 ? 0 : changes.length - 1) : (at + by + changes.length) % changes.length;
    now?.classList.remove('now');
    now = changes[to];
    now.classList.add('now');
    now.tabIndex = -1;
    now.focus({ preventScroll: true });
    now.scrollIntoView({ block: 'center' });
    if (counter) counter.textContent = (counter.dataset.changeCount || '{n} / {total}').replace('{n}', to + 1).replace('{total}', changes.length);
    return true;
  };
  document.addEventListener('keydown', (event) => {
    if (keysOff() || typing(event.target) || !plainKey(event) || event.shiftKey) return;
    // By the place of the key, so that a Russian or Kazakh keyboard has them too.
    const by = { KeyJ: 1, KeyK: -1 }[event.code] ?? { j: 1, k: -1 }[event.key];
    if (by && step(by)) event.preventDefault();
  });
  for (const [selector, by] of [['[data-change-next]', 1], ['[data-change-prev]', -1]]) {
    for (const button of document.querySelectorAll(selector)) {
      button.addEventListener('click', (event) => { if (step(by)) event.preventDefault(); });
    }
  }
}

/* ---------- after a refused form: the summary is read first ---------- */

{
  const errors = document.querySelector('.errors');
  if (errors) {
    errors.tabIndex = -1;
    errors.focus();
  }
}
