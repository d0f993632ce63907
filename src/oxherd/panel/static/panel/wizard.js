// The wizard and the dialogs with rows of aliases. Every page works without this; it saves round trips.
(() => {
  "use strict";

  // --- Login, suggested from the display name while nobody has touched it -------------------------------------------

  const SPELLED_OUT = { ä: "ae", ö: "oe", ü: "ue", ß: "ss", æ: "ae", ø: "o", å: "a", ł: "l", đ: "d", œ: "oe" };

  function suggestLogin(name) {
    return name
      .toLowerCase()
      .replace(/[äöüßæøåłđœ]/g, (letter) => SPELLED_OUT[letter])
      .normalize("NFKD")
      .replace(/[^a-z0-9\s._-]/g, "")
      .trim()
      .replace(/[\s.]+/g, ".")
      .replace(/^[.]+|[.]+$/g, "")
      .slice(0, 64);
  }

  /* As oxherd.people.object_names has it. */
  function suggestObjectName(name) {
    return name
      .replace(/[ßæÆøØłŁđĐ]/g, (letter) => ({ ß: "ss", æ: "ae", Æ: "AE", ø: "o", Ø: "O", ł: "l", Ł: "L", đ: "d", Đ: "D" })[letter])
      .normalize("NFKD")
      .replace(/[^A-Za-z0-9$@%.+_ -]/g, "")
      .replace(/ +/g, " ")
      .trim()
      .slice(0, 100)
      .trim();
  }

  const MAKES = { login: suggestLogin, object: suggestObjectName, same: (name) => name };

  // <input data-suggests="id_login id_name"> fills in <input id="id_login" data-suggested="yes" data-suggest-as="login">.
  function suggest(field) {
    for (const id of field.dataset.suggests.split(" ")) {
      const other = document.getElementById(id);
      if (!other || other.dataset.suggested !== "yes") continue;
      other.value = MAKES[other.dataset.suggestAs || "login"](field.value);
      other.dispatchEvent(new CustomEvent("suggested", { bubbles: true }));
    }
  }

  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-suggested]")) target.dataset.suggested = target.value ? "no" : "yes";
    if (target.matches("[data-suggests]")) suggest(target);
  });
  // Who types quickly has begun before this was loaded.
  const typed = document.activeElement;
  if (typed?.matches("[data-suggests]") && typed.value) suggest(typed);

  // --- Rows of aliases ----------------------------------------------------------------------------------------------

  function addRow(rows) {
    const row = rows.querySelector("template").content.firstElementChild.cloneNode(true);
    rows.querySelector("[data-rows-list]").append(row);
    return row;
  }

  function fill(row, address) {
    const [, local, domain] = address.match(/^<?([^@>]*)@?([^>]*)>?$/) || [null, address, ""];
    const drop = row.querySelector("select");
    const known = [...drop.options].find((option) => [option.value, option.text].includes(domain.toLowerCase()));
    if (known) drop.value = known.value;
    // An address in a foreign domain stays whole: the server says what is wrong with it.
    row.querySelector("input").value = domain && !known ? address : local;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-add], [data-row-remove]");
    const rows = button && button.closest("[data-rows]");
    if (!rows) return;
    event.preventDefault();
    if (button.matches("[data-row-add]")) {
      addRow(rows).querySelector("input").focus();
      return;
    }
    const row = button.closest("[data-row]");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    (next ? next.querySelector("input") : rows.querySelector("[data-row-add]")).focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-row] input")) return;
    if (!event.target.value) return; // an empty row: Enter goes on, as everywhere
    event.preventDefault();
    addRow(event.target.closest("[data-rows]")).querySelector("input").focus();
  });

  // --- What was typed outlives an expired session, an outage and a reload: until the server has it ------------------

  const PREFIX = "oxherd-draft:";
  const form = document.querySelector("form[data-draft]");

  function entries() {
    const unkept = ["password", "confirm", "csrfmiddlewaretoken", "do"];
    return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !unkept.includes(name));
  }

  function restore(kept) {
    const valuesOf = (name) => kept.filter(([other]) => other === name).map(([, value]) => value);
    const rows = form.querySelector("[data-rows]");
    const list = rows?.querySelector("[data-rows-list]");
    while (list && list.children.length < valuesOf("alias_local").length) addRow(rows);
    while (list && list.children.length > valuesOf("alias_local").length) list.lastElementChild.remove();
    for (const name of new Set([...form.elements].map((field) => field.name).filter(Boolean))) {
      const values = valuesOf(name);
      form.querySelectorAll(`[name="${name}"]`).forEach((field, index) => {
        if (field.type === "checkbox") field.checked = values.length > 0;
        else if (values[index] !== undefined) field.value = values[index];
        if (field.matches("[data-suggested]")) field.dataset.suggested = field.value ? "no" : "yes";
      });
    }
    const items = [{ level: "success", text: "What you had typed is here again. Passwords have to be entered anew." }];
    document.dispatchEvent(new CustomEvent("toasts", { detail: { items } }));
  }

  if (form) {
    const key = PREFIX + location.pathname;
    const served = JSON.stringify(entries());
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    // Served otherwise than then: the server knows it, or something newer.
    if (kept && kept.served === served && kept.typed !== served) restore(JSON.parse(kept.typed));
    const keep = () => sessionStorage.setItem(key, JSON.stringify({ served, typed: JSON.stringify(entries()) }));
    for (const kind of ["input", "change", "submit"]) form.addEventListener(kind, keep);
  } else if (document.querySelector("main")) {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }

  /** Spaces part whole addresses alone, as the server reads them. */
  function addressesIn(part) {
    const words = part.split(/\s+/).filter(Boolean);
    return words.every((word) => word.includes("@")) ? words : [words.join(" ")];
  }

  document.addEventListener("paste", (event) => {
    if (!event.target.matches("[data-row] input")) return;
    const parts = event.clipboardData.getData("text").split(/[,;\r\n\t]+/);
    const pasted = parts.flatMap(addressesIn).filter(Boolean);
    if (pasted.length < 2 && !(pasted[0] || "").includes("@")) return;
    event.preventDefault();
    const rows = event.target.closest("[data-rows]");
    let row = event.target.closest("[data-row]");
    pasted.forEach((address, index) => {
      if (index) row = addRow(rows);
      fill(row, address);
    });
    row.querySelector("input").focus();
  });
})();
