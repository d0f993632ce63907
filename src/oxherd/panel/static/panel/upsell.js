// What must not reach a server's log comes in the fragment of the address, or is taken out of it at once.
(() => {
  const SECRETS = ["session", "token", "ox_token"];
  const address = new URL(location.href);
  const fragment = new URLSearchParams(address.hash.slice(1));
  const form = document.querySelector("form[data-offer]");
  if (form) {
    form.elements.session.value = fragment.get("session") || "";
    form.elements.token.value = fragment.get("token") || fragment.get("ox_token") || "";
    form.addEventListener("submit", (event) => {
      const button = form.querySelector("[type=submit]");
      if (button.getAttribute("aria-busy") === "true") event.preventDefault(); // sent once
      button.setAttribute("aria-busy", "true");
    });
    window.addEventListener("pageshow", () => form.querySelector("[type=submit]").removeAttribute("aria-busy"));
  }
  for (const name of [...address.searchParams.keys()]) {
    if (SECRETS.includes(name.toLowerCase())) address.searchParams.delete(name);
  }
  address.hash = "";
  history.replaceState(null, "", address);
})();
