/**
 * What others do while a page of a recommendation is open. The page asks again and again; what is new is said in
 * the bar, with a link to its thread, and the page's own HTML of it is put in its place (blocks.js).
 */

import { isBusy, putBlock, putField, release, replace } from './blocks.js';

const bar = document.querySelector('[data-live]');
/** Somebody else's comment is there within two seconds. */
const PAUSE = 1000;
const LONGEST_PAUSE = 30000;
/** So long after the last letter the others are told that one writes. */
const WRITES = 10000;
const SAID = 3;

const inside = (name) => bar.querySelector(`[data-live-${name}]`);

const isTyped = () => [...document.forms].some((form) => form.method === 'post' && [...form.querySelectorAll('textarea, input[type="text"], input:not([type])')].some((field) => field.value !== field.defaultValue));

/** A part of the page, or those of its sections that can be; where one is at work in a section, it stays. */
function putPart(old, made) {
  if (replace(old, made)) return true;
  if (!isBusy(old)) return false;
  return [...made.querySelectorAll(':scope > section[aria-labelledby]')].map((section) => {
    const mine = old.querySelector(`:scope > [aria-labelledby="${section.getAttribute('aria-labelledby')}"]`);
    return !mine || replace(mine, section);
  }).every(Boolean);
}

/** Put what has changed in its place, and return whether all of it is there. `asked`: the reader lets it move. */
function put(page, asked = false) {
  const done = [];
  for (const made of page.querySelectorAll('[data-discussed] > [id^="p"]')) done.push(putBlock(made, page, asked));
  for (const field of ['title', 'summary', 'rationale', '0']) done.push(putField(field, page, asked));
  for (const made of page.querySelectorAll('[data-part]')) {
    const old = document.querySelector(`[data-part="${made.dataset.part}"]`);
    if (old) done.push(putPart(old, made));
  }
  return done.every(Boolean);
}

/** Of a version that is not on the screen only how the ballots stand: each act here is on the version shown. */
function putTally(page) {
  for (const made of page.querySelectorAll('[data-tally]')) {
    const old = document.querySelector(`[data-tally="${made.dataset.tally}"]`);
    if (old) replace(old, made);
  }
}

if (bar) {
  let { liveMark: mark, liveVersion: version } = bar.dataset;
  let [here, pause, timer, wrote, pending, newer, asks] = ['', PAUSE, 0, -WRITES, null, false, false];
  const show = inside('show');
  const changes = inside('changes');
  const discussed = document.querySelector('[data-discussed]');
  const appear = () => {
    const told = inside('said').children.length > 0 || newer;
    inside('do').hidden = !told;
    show.hidden = Boolean(discussed) && !newer && !pending && !document.querySelector('[data-held]');
    // Never out of the accessibility tree, or what comes into it would not be read out.
    bar.toggleAttribute('data-quiet', !told && !inside('here').textContent);
  };
  /** What happened, each with the name of its place as a link, where the page has its thread. */
  const say = (news, page) => {
    const list = inside('said');
    for (const { sentence, thread } of news) {
      const line = document.createElement('p');
      line.append(sentence);
      const place = thread && page?.getElementById(`thread-${thread}`)?.closest('.threads')?.getAttribute('aria-label');
      if (place) {
        const link = document.createElement('a');
        link.href = `#thread-${thread}`;
        link.textContent = place;
        line.append(' ', link);
      }
      list.append(line);
    }
    while (list.children.length > SAID) list.firstElementChild.remove();
    appear();
  };

  /** The page as it is now. It was asked for by nobody, so it is no use of the session. */
  async function fresh() {
    const query = location.pathname === new URL(show.href).pathname ? location.search : '';
    const answer = await fetch(show.href.split('?')[0] + query, { redirect: 'error', headers: { 'X-Live': '1' } });
    if (!answer.ok) throw new Error(answer.status);
    return new DOMParser().parseFromString(await answer.text(), 'text/html');
  }

  async function take(news) {
    const isNewer = String(news.version) !== version;
    const page = document.getElementById('rail') && news.mark !== mark ? await fresh() : null;
    [mark, here] = [news.mark, news.here];
    inside('here').textContent = news.people;
    if (isNewer) {
      show.textContent = bar.dataset.liveNewer.replace('{version}', news.version);
      const address = new URL(changes.href);
      address.searchParams.set('to', news.version);
      changes.href = address.href;
      [pending, newer, changes.hidden] = [null, true, false];
      if (page) putTally(page);
    } else if (page) pending = put(page) ? null : page;
    say(news.said, isNewer ? null : page);
  }

  async function ask() {
    // Who comes back to a page that still waits for its answer would be told the same twice.
    if (asks) return;
    asks = true;
    const asked = new URLSearchParams({ mark, here });
    if (performance.now() - wrote < WRITES) asked.set('writing', '1');
    try {
      const answer = await fetch(`${bar.dataset.live}?${asked}`, { redirect: 'manual', headers: { Accept: 'application/json' } });
      if (answer.status === 200) await take(await answer.json());
      else if (answer.type === 'opaqueredirect' || answer.status === 401) {
        if (!inside('said').textContent.includes(bar.dataset.liveEnded)) say([{ sentence: bar.dataset.liveEnded }]);
        return;
      } else if (answer.status !== 204) throw new Error(answer.status);
      pause = PAUSE;
    } catch {
      pause = Math.min(Math.max(2 * pause, PAUSE), LONGEST_PAUSE);
    } finally {
      asks = false;
    }
    next();
  }

  function next() {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') timer = setTimeout(ask, pause);
  }

  /** What could not be put in its place without moving anything: at another time, or since the reader asks. */
  const again = (asked = false) => {
    release(asked);
    if (pending && put(pending, asked)) pending = null;
    appear();
  };

  document.addEventListener('visibilitychange', () => { pause = 0; next(); });
  document.addEventListener('input', (event) => { if (event.isTrusted) wrote = performance.now(); });
  addEventListener('scrollend', () => again());
  // Not when only the height changes: that is the browser's bar on a phone, while one reads.
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) release(true);
    width = innerWidth;
  });
  // What is typed in a form of this page is not lost by looking at another.
  for (const link of [show, changes]) link.addEventListener('click', () => { link.target = isTyped() ? '_blank' : ''; });
  inside('said').addEventListener('click', (event) => { if (event.target.closest('a')) again(true); });
  show.addEventListener('click', (event) => {
    if (newer || !discussed) return;
    event.preventDefault();
    again(true);
  });
  inside('close').addEventListener('click', () => {
    inside('said').replaceChildren();
    newer = false;
    appear();
  });
  appear();
  bar.hidden = false;
  next();
}
