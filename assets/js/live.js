/**
 * What others do while a page of a recommendation is open. The page asks again and again; what is new is said in
 * the bar, and put in its place where the text on the screen does not move by it and nobody is typing.
 */

const bar = document.querySelector('[data-live]');
/** Somebody else's comment is there within two seconds. */
const PAUSE = 1500;
const LONGEST_PAUSE = 30000;
/** So long after the last letter the others are told that one writes. */
const WRITES = 10000;
/** What others change on the page of a text, besides the threads of each paragraph. */
const PARTS = ['.steps', '.holder', '#rail', '.dock', '.log', '.bar__mine'];
const SAID = 3;

const inside = (name) => bar.querySelector(`[data-live-${name}]`);

/** Whether something is being typed or looked at in it that must stay as it is. */
const isBusy = (element) => element.contains(document.activeElement) || element.matches(':popover-open')
  || element.querySelector('details[open]') !== null
  || [...element.querySelectorAll('input:not([type="hidden"]), textarea')].some((field) => (
    ['checkbox', 'radio'].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));

const isTyped = () => [...document.forms].some((form) => form.method === 'post' && [...form.querySelectorAll('textarea, input[type="text"], input:not([type])')].some((field) => field.value !== field.defaultValue));

/** The blocks of the text on the screen, with where they begin. */
function onScreen() {
  return [...document.querySelectorAll('[data-discussed] > [id^="p"]')]
    .map((block) => [block, block.getBoundingClientRect()])
    .filter(([, rect]) => rect.bottom > 0 && rect.top < innerHeight)
    .map(([block, rect]) => [block, rect.top]);
}

/** Change something, and take it back if a paragraph on the screen moves; what is above it may grow. */
function withoutMoving(change, undo) {
  const before = onScreen();
  change();
  if (before.length === 0) return true;
  const moved = () => before.map(([block, top]) => block.getBoundingClientRect().top - top);
  scrollBy({ top: moved()[0], behavior: 'instant' });
  if (moved().every((by) => Math.abs(by) < 1.5)) return true;
  undo();
  scrollBy({ top: moved()[0], behavior: 'instant' });
  return false;
}

function replace(old, made) {
  if (old.isEqualNode(made)) return true;
  if (isBusy(old)) return false;
  const fresh = document.importNode(made, true);
  return withoutMoving(() => old.replaceWith(fresh), () => fresh.replaceWith(old));
}

/** Threads that are new stand last, before the form; where somebody types, nothing else of them changes. */
function addThreads(old, made) {
  const known = new Set([...old.querySelectorAll('.thread')].map((thread) => thread.id));
  const fresh = [...made.querySelectorAll('.thread')].filter((thread) => !known.has(thread.id)).map((thread) => document.importNode(thread, true));
  if (fresh.length === 0) return false;
  const form = old.querySelector(':scope > .comment-in');
  return withoutMoving(() => fresh.forEach((thread) => old.insertBefore(thread, form)), () => fresh.forEach((thread) => thread.remove()));
}

/** Put what has changed in its place; what can't be yet is tried again when the page is scrolled. */
function put(page) {
  for (const part of PARTS) {
    const [old, made] = [document.querySelector(part), page.querySelector(part)];
    if (old && made) replace(old, made);
  }
  for (const made of page.querySelectorAll('.threads[id]')) {
    const old = document.getElementById(made.id);
    if (old && !replace(old, made)) addThreads(old, made);
  }
}

if (bar) {
  let { liveMark: mark, liveVersion: version } = bar.dataset;
  let [here, pause, timer, wrote, pending, newer] = ['', PAUSE, 0, -WRITES, null, false];
  const show = inside('show');
  const appear = () => {
    const told = inside('said').children.length > 0 || newer;
    inside('do').hidden = !told;
    // Never out of the accessibility tree, or what comes into it would not be read out.
    bar.toggleAttribute('data-quiet', !told && !inside('here').textContent);
  };
  const say = (sentences) => {
    const list = inside('said');
    for (const sentence of sentences) {
      const line = document.createElement('p');
      line.textContent = sentence;
      list.append(line);
    }
    while (list.children.length > SAID) list.firstElementChild.remove();
    appear();
  };

  async function take(news) {
    mark = news.mark;
    here = news.here;
    inside('here').textContent = news.people;
    if (document.querySelector('[data-discussed]') && String(news.version) === version && news.said.length > 0) {
      const answer = await fetch(location.href, { redirect: 'error' });
      pending = new DOMParser().parseFromString(await answer.text(), 'text/html');
      put(pending);
    }
    if (String(news.version) !== version) {
      show.textContent = bar.dataset.liveNewer.replace('{version}', news.version);
      [pending, newer] = [null, true];
    }
    say(news.said);
  }

  async function ask() {
    const asked = new URLSearchParams({ mark, here });
    if (performance.now() - wrote < WRITES) asked.set('writing', '1');
    try {
      const answer = await fetch(`${bar.dataset.live}?${asked}`, { redirect: 'manual', headers: { Accept: 'application/json' } });
      if (answer.status === 200) await take(await answer.json());
      else if (answer.type === 'opaqueredirect' || answer.status === 401) {
        say([bar.dataset.liveEnded]);
        return;
      } else if (answer.status !== 204) throw new Error(answer.status);
      pause = PAUSE;
    } catch {
      pause = Math.min(Math.max(2 * pause, PAUSE), LONGEST_PAUSE);
    }
    next();
  }

  function next() {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') timer = setTimeout(ask, pause);
  }

  document.addEventListener('visibilitychange', () => { pause = 0; next(); });
  document.addEventListener('input', (event) => { if (event.isTrusted) wrote = performance.now(); });
  addEventListener('scrollend', () => { if (pending) put(pending); });
  // What is typed in a form of this page is not lost by looking at another.
  show.addEventListener('click', () => { show.target = isTyped() ? '_blank' : ''; });
  inside('close').addEventListener('click', () => {
    inside('said').replaceChildren();
    newer = false;
    appear();
  });
  appear();
  bar.hidden = false;
  next();
}
