/**
 * Passkeys: a form marked `data-passkey` holds what the browser is asked, and is sent with its answer.
 * Without this file, or without passkeys in the browser, the form stays hidden and the password does.
 */

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => (buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') : undefined);

async function made(options) {
  const key = await navigator.credentials.create({ publicKey: {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((known) => ({ ...known, id: bytes(known.id) })),
  } });
  return [key, { attestationObject: text(key.response.attestationObject) }];
}

async function given(options) {
  const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge) } });
  const { authenticatorData, signature, userHandle } = key.response;
  return [key, { authenticatorData: text(authenticatorData), signature: text(signature), userHandle: text(userHandle) }];
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll('form[data-passkey]') : []) {
  const options = JSON.parse(form.dataset.passkey);
  const button = form.querySelector('button');
  const refused = form.querySelector('[data-refused]');
  form.hidden = false;
  // A person presses Enter in the field of the name, too.
  form.addEventListener('submit', (event) => { event.preventDefault(); button.click(); });
  button.addEventListener('click', async () => {
    refused.hidden = true;
    button.setAttribute('aria-disabled', 'true');
    try {
      const [key, response] = await (options.user ? made(options) : given(options));
      const answer = { id: key.id, rawId: text(key.rawId), type: key.type, response: { clientDataJSON: text(key.response.clientDataJSON), ...response } };
      (form.elements.answer ?? form.elements.passkey).value = JSON.stringify(answer);
      form.submit();
    } catch {
      refused.textContent = refused.dataset.refused;
      refused.hidden = false;
      button.removeAttribute('aria-disabled');
    }
  });
}
