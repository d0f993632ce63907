/* Passkeys. The server says by data attributes what to do; its answers and ours are JSON in hidden fields.
 *   form[data-passkey-make=URL]   on submit: a new passkey, into its field "credential"
 *   [data-passkey-use=URL]        [data-passkey-ask] in it: one's passkey, into [data-passkey-answer]; then its form is sent
 *   [data-passkey-offer]          the browser may offer passkeys by itself, in the field for the address
 *   [data-step-up=ID]             after a proof the page goes on in #ID
 */
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const supported = Boolean(window.PublicKeyCredential && navigator.credentials);
  let pending = null; // what the browser offers by itself gives way to what is asked for

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const options = ({ publicKey }) => {
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    for (const name of ["allowCredentials", "excludeCredentials"]) {
      for (const each of publicKey[name] || []) each.id = bytes(each.id);
    }
    return { publicKey };
  };
  const answer = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const SENTENCES = {
    InvalidStateError: "This device already has a passkey of yours for this account.",
    NotAllowedError: "No passkey was used: the browser was cancelled, or it took too long. Try again.",
    SecurityError: "The browser does not use passkeys at this address. Ask who runs the panel for one that begins with https://.",
    NotSupportedError: "This device cannot make such a passkey. Try another one, or a security key.",
  };
  class Said extends Error {}
  const say = (root, error) => {
    const place = $("[data-passkey-said]", root);
    if (!place) return;
    place.hidden = !error;
    const known = error instanceof Said ? error.message : SENTENCES[error?.name];
    $("[data-text]", place).textContent = error ? known || "The passkey could not be used. Try again." : "";
  };

  const fetched = async (url, method = "GET") => {
    const headers = { Accept: "application/json" };
    if (method === "POST") headers["X-CSRFToken"] = $("[name=csrfmiddlewaretoken]").value;
    let answered;
    try {
      answered = await fetch(url, { method, headers, credentials: "same-origin", redirect: "error" });
    } catch {
      throw new Said("The server did not answer. Reload the page, and try again.");
    }
    if (!(answered.headers.get("Content-Type") || "").startsWith("application/json")) {
      throw new Said("Too much time has gone by. Close this, and begin again.");
    }
    const found = await answered.json();
    if (!answered.ok) throw new Said(found.sentence);
    return options(found);
  };
  const able = () => {
    if (!supported) throw new Said("This browser has no passkeys. Use another one, or another way.");
  };

  const make = async (form) => {
    try {
      say(form, null);
      able();
      const made = await navigator.credentials.create(await fetched(form.dataset.passkeyMake, "POST"));
      $("[name=credential]", form).value = answer(made);
      form.requestSubmit();
    } catch (error) {
      say(form, error);
    }
  };
  const use = async (root, button) => {
    const form = root.closest("form");
    button.disabled = true;
    try {
      say(root, null);
      able();
      pending?.abort();
      const found = await navigator.credentials.get(await fetched(root.dataset.passkeyUse));
      $("[data-passkey-answer]", root).value = answer(found);
      form.requestSubmit();
    } catch (error) {
      say(root, error);
    } finally {
      button.disabled = false;
    }
  };

  /* Before panel.js marks the form as being sent, and before htmx sends it. */
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.passkeyMake || $("[name=credential]", form).value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    make(form);
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey-ask]");
    const root = button?.closest("[data-passkey-use]");
    if (root) use(root, button);
  });

  /* Where the browser can, it offers passkeys among the addresses that it has stored. */
  const offer = async (root) => {
    if (!supported || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    pending = new AbortController();
    try {
      const wish = { ...(await fetched(root.dataset.passkeyUse)), mediation: "conditional", signal: pending.signal };
      const found = await navigator.credentials.get(wish);
      if (!found) return;
      $("[data-passkey-answer]", root).value = answer(found);
      root.closest("form").requestSubmit();
    } catch {
      // Nobody has asked for it, so nobody is told.
    }
  };
  const offered = $("[data-passkey-offer]");
  if (offered) offer(offered);

  /* What goes on in another part of the page than the dialog leaves it. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const from = event.detail.requestConfig?.elt?.closest?.("[data-step-up]");
    const dialog = $("#dialog");
    if (from && from.dataset.stepUp !== "dialog" && event.detail.target !== dialog) dialog?.close();
  });
})();
