/**
 * /verify: the digest of a chosen file is worked out here, and only it is sent. Where the browser
 * can't (no script, no secure connection), the form sends the file as it is.
 */

const form = document.querySelector('[data-verify]');
const input = form?.querySelector('input[type="file"]');

async function ask(file) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  const text = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  location.assign(`${form.getAttribute('action')}?digest=${text}`);
}

if (form && input && globalThis.crypto?.subtle) {
  form.querySelector('[data-kept]').hidden = false;
  form.querySelector('[data-sent]').hidden = true;
  form.addEventListener('submit', (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    // A file that can't be read here (too large for the memory, taken away meanwhile) goes the other way.
    ask(input.files[0]).catch(() => form.submit());
  });
}
