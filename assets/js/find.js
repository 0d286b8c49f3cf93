/**
 * The key that leads to the search box, and when a key is meant for the page.
 */

export const keysOff = () => document.documentElement.hasAttribute('data-no-keys');
export const typing = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"], [role="textbox"]');
export const plainKey = (event) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.defaultPrevented;

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || keysOff() || typing(event.target) || !plainKey(event)) return;
  const field = [...document.querySelectorAll('input[type="search"]')].find((i) => i.getClientRects().length > 0);
  const link = document.querySelector('.bar__find-link');
  if (!field && !link) return;
  event.preventDefault();
  if (field) {
    field.focus();
    field.select();
  } else link.focus();
});
