/**
 * The list of keys, on every page: `?` brings it from the help page. Who speaks to their computer, or hits keys
 * unintentionally, turns off those without Ctrl or Alt; the browser keeps that.
 */

import { keysOff, plainKey, typing } from './find.js';

const KEPT = 'reviewflow.no-keys';

function turn(off) {
  document.documentElement.toggleAttribute('data-no-keys', off);
  try {
    if (off) localStorage.setItem(KEPT, '1');
    else localStorage.removeItem(KEPT);
  } catch { /* then it holds on this page only */ }
}

function wire(list) {
  const line = list.querySelector('[data-keys-switch]');
  const box = line.querySelector('input');
  line.hidden = false;
  box.checked = !keysOff();
  box.addEventListener('change', () => turn(!box.checked));
}

async function show(help) {
  const page = new DOMParser().parseFromString(await (await fetch(help.href)).text(), 'text/html');
  const list = document.importNode(page.querySelector('[data-keys]'), true);
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog';
  dialog.setAttribute('aria-labelledby', 'h-keys');
  dialog.append(list);
  dialog.addEventListener('close', () => dialog.remove());
  wire(list);
  list.querySelector('[data-keys-close]').hidden = false;
  document.body.append(dialog);
  dialog.showModal();
}

try { if (localStorage.getItem(KEPT)) turn(true); } catch { /* nothing is kept, then */ }

const here = document.querySelector('[data-keys]');
if (here) wire(here);
document.addEventListener('keydown', (event) => {
  if (event.key !== '?' || keysOff() || typing(event.target) || !plainKey(event)) return;
  const help = document.querySelector('[data-help]');
  if (!help || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  if (here) here.scrollIntoView();
  else show(help).catch(() => location.assign(help.href));
});
