/* The panel works without this; with it, parts of pages change in place. No inline script, no eval. */
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const dialog = $("#dialog");

  /* Messages: good news goes by itself, errors stay until they are closed. */
  const QUIET_MS = 6000;
  const UNDO_MS = 20000; // somebody has to see what was done before wanting it undone
  const fade = (toast) => {
    if (toast.classList.contains("toast-error")) return;
    let timer = setTimeout(() => toast.remove(), $("[data-undo]", toast) ? UNDO_MS : QUIET_MS);
    const hold = () => clearTimeout(timer);
    const go = () => (timer = setTimeout(() => toast.remove(), QUIET_MS / 2));
    toast.addEventListener("mouseenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("mouseleave", go);
    toast.addEventListener("focusout", go);
  };
  const say = (text, level = "error", undo = "") => {
    const same = $$("#toasts p").find((line) => line.textContent === text);
    if (same) return;
    const toast = $("#toast-template").content.firstElementChild.cloneNode(true);
    toast.classList.add(`toast-${level}`);
    if (level === "error") toast.setAttribute("role", "alert");
    const use = $("use", toast);
    if (level !== "error") use.setAttribute("href", use.getAttribute("href").replace("alert-circle", "circle-check"));
    $("p", toast).textContent = text;
    if (undo) $("[data-undo]", toast).action = undo;
    else $("[data-undo]", toast).remove();
    // A modal dialog hides the rest of the page from keyboard and screen reader: messages go where one is.
    (dialog?.open ? dialog : document.body).append($("#toasts"));
    $("#toasts").append(toast);
    fade(toast);
  };
  $$("#toasts .toast-note").forEach(fade);
  document.addEventListener("toasts", (event) => {
    for (const { text, level, undo } of event.detail.items) say(text, level, undo);
  });
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Nothing was saved. Try again."));
  document.addEventListener("htmx:timeout", () => say("The server takes too long to answer. Try again."));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = event.detail;
    if (xhr.getResponseHeader("HX-Trigger") || elt.matches("[data-poll]")) return;
    const id = xhr.getResponseHeader("X-Request-ID");
    if (xhr.status === 503) {
      say("oxherd cannot reach its database. Nothing of what you entered was saved. Try again in a moment.");
    } else if (xhr.status === 413) {
      say("This is larger than the server takes.");
    } else {
      say(`Something went wrong in oxherd, and nothing was saved.${id ? ` Number of this error: ${id}` : ""}`);
    }
  });

  /* What somebody does next answers the errors before: they go. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.elt.matches("[data-poll], [data-check]")) $$("#toasts .toast-error").forEach((toast) => toast.remove());
  });

  /* A field that is being mended is called wrong no longer; the server says so again if it still is. */
  const mended = ({ target }) => {
    if (!target.matches?.(".is-invalid, [aria-invalid=true]")) return;
    target.classList.remove("is-invalid");
    target.removeAttribute("aria-invalid");
    const ids = (target.getAttribute("aria-describedby") || "").split(/\s+/);
    const said = [...new Set([...ids, `${target.id}_error`])].filter((id) => id && $(`#${CSS.escape(id)}`)?.matches(".field-error"));
    said.forEach((id) => $(`#${CSS.escape(id)}`).remove());
    const rest = ids.filter((id) => id && !said.includes(id));
    if (rest.length) target.setAttribute("aria-describedby", rest.join(" "));
    else target.removeAttribute("aria-describedby");
  };
  document.addEventListener("input", mended);
  document.addEventListener("change", mended);

  /* Polling rests while nobody looks, and begins at once when somebody does. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.matches("[data-poll]")) event.preventDefault();
  });

  /* What is only checked while somebody types takes nobody to the sign-in page: what they press does that. */
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches("[data-check]") || !xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    say("You have to sign in again: the next button you press leads there. Until then, what you type is not checked.");
  });

  /* The one dialog: opened by what is put in it, closed by Esc, Close and Cancel. The browser brings focus back. */
  if (dialog) {
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target !== dialog || !dialog.firstElementChild) return;
      if (!dialog.open) dialog.showModal();
      ($("[aria-invalid=true]", dialog) || $("[autofocus]", dialog) || $(".dialog-body input:not([type=hidden]), .dialog-body select, .dialog-foot .btn", dialog))?.focus();
    });
    dialog.addEventListener("close", () => {
      document.body.append($("#toasts"));
      if ($("[data-changed]", dialog)) location.reload(); // what it has done shows on the page
      dialog.replaceChildren();
    });
    document.addEventListener("closeDialog", () => dialog.close());
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-close],[data-dismiss],[data-copy],[data-copy-from],[data-select-none],tr[data-href]");
    if (!target) return;
    if (target.matches("[data-close]") && dialog?.open) {
      event.preventDefault();
      dialog.close();
    } else if (target.matches("[data-dismiss]")) {
      target.closest(".toast-note").remove();
    } else if (target.matches("[data-copy],[data-copy-from]")) {
      copy(target);
    } else if (target.matches("[data-select-none]")) {
      for (const box of $$("[data-select],[data-select-all],[data-select-every]")) box.checked = false;
      countSelected();
    } else if (target.matches("tr[data-href]")) {
      openRow(event, target);
    }
  });

  /* A click anywhere in a row opens it, except on what is itself to be clicked, and while text is being selected. */
  const openRow = (event, row) => {
    if (event.target.closest("a,button,input,label,select,.cell-select") || String(getSelection())) return;
    if (event.metaKey || event.ctrlKey) open(row.dataset.href);
    else location.assign(row.dataset.href);
  };

  const copy = async (button) => {
    const from = button.dataset.copyFrom && $(button.dataset.copyFrom);
    const text = from ? from.value ?? from.textContent.trim() : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Not allowed, or not served by TLS: the old way.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "visually-hidden";
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const word = $("[data-copy-word]", button);
    button.classList.add("is-copied");
    if (word) word.textContent = "Copied";
    setTimeout(() => {
      button.classList.remove("is-copied");
      if (word) word.textContent = "Copy";
    }, 2000);
  };

  /* Ticked rows. */
  const countSelected = () => {
    const bar = $("[data-bulk]"); // the Classic list has a toolbar instead
    const boxes = $$("[data-select]");
    const every = $("[data-select-every]"); // all that match, on this page and on the others
    if (every?.checked) for (const box of boxes) box.checked = true;
    const ticked = boxes.filter((box) => box.checked);
    if (bar) {
      bar.hidden = ticked.length === 0;
      $("[data-bulk-count]", bar).textContent = every?.checked ? $("#list-count")?.textContent.trim() : ticked.length;
    }
    for (const box of boxes) box.closest("tr")?.classList.toggle("is-ticked", box.checked);
    for (const all of $$("[data-select-all]")) {
      all.checked = ticked.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    }
  };
  let lastTicked = null;
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-select-all],[data-select-every]")) {
      if (!box.checked) for (const each of $$("[data-select-every]")) each.checked = false;
      for (const each of $$("[data-select]")) each.checked = box.checked;
      countSelected();
    } else if (box.matches("[data-select]")) {
      if (!box.checked) for (const each of $$("[data-select-every]")) each.checked = false;
      countSelected();
    } else if (box.matches("input[type=file][data-preview]")) {
      preview(box);
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.matches("[data-select]")) return;
    const boxes = $$("[data-select]");
    if (event.shiftKey && lastTicked) {
      const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(event.target)].sort((a, b) => a - b);
      if (from >= 0) for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
      countSelected();
    }
    lastTicked = event.target;
  });
  document.addEventListener("htmx:afterSettle", countSelected);
  window.addEventListener("pageshow", countSelected);

  /* A chosen picture is shown before it is sent; what the browser cannot show, the server may still take. */
  const preview = (input) => {
    const image = $(input.dataset.preview);
    const [file] = input.files;
    if (!image || !file) return;
    const url = URL.createObjectURL(file);
    image.onload = () => URL.revokeObjectURL(url);
    image.onerror = () => (image.hidden = true);
    image.hidden = false;
    image.src = url;
    const instead = input.dataset.previewInstead && $(input.dataset.previewInstead);
    if (instead) instead.hidden = true;
  };

  /* What must be typed before a button that cannot be undone: <input data-confirms="the name" data-for="#button">. */
  const confirm = (box) => {
    const plain = (text) => text.trim().replace(/\s+/g, " ").toLowerCase();
    $(box.dataset.for)?.toggleAttribute("disabled", plain(box.value) !== plain(box.dataset.confirms));
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-confirms]")) confirm(event.target);
  });
  document.addEventListener("htmx:load", (event) => $$("[data-confirms]", event.detail.elt).forEach(confirm));

  /* A form is sent once. */
  const busy = (form, on) => {
    for (const button of $$("button[type=submit]", form)) {
      button.setAttribute("aria-busy", String(on));
      button.classList.toggle("is-busy", on);
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "yes";
    busy(form, true);
  }, true);
  const rest = (form) => {
    delete form.dataset.sending;
    busy(form, false);
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    const leaves = event.detail.xhr?.getResponseHeader?.("HX-Redirect");
    const form = event.detail.elt.closest?.("form");
    if (form && !leaves) rest(form);
  });
  window.addEventListener("pageshow", () => $$("form[data-sending]").forEach(rest));

  /* Keys: "/" goes to the search of the page; Ctrl+Z is the Undo of the last message; arrows move through a found list; Esc in the drawer is the browser's. */
  const moveIn = (event, list, input) => {
    const items = $$("a,button", list);
    const at = items.indexOf(document.activeElement);
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    event.preventDefault();
    (next < 0 ? input : items[Math.min(next, items.length - 1)])?.focus();
  };
  const undoLast = (event) => {
    const last = $$("#toasts [data-undo]").at(-1);
    if (!last) return;
    event.preventDefault();
    last.requestSubmit();
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input,textarea,select,[contenteditable]");
    if (event.key === "/" && !typing && !dialog?.open) {
      const search = $("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !typing) undoLast(event);
    const menu = event.target.closest(".menu");
    const input = menu && $("[data-list]", menu);
    if (!input) return;
    const list = $(input.dataset.list);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moveIn(event, list, input);
    if (event.key === "Enter" && event.target === input) {
      const first = $("a", list);
      if (first) {
        event.preventDefault();
        first.click();
      }
    }
  });
  $("#switcher")?.addEventListener("toggle", (event) => {
    const input = $("[data-list]", event.target);
    if (event.newState !== "open") return;
    input.focus();
    window.htmx?.trigger(input, "switcher-open");
  });

  /* On a narrow page the tabs are wider than it is. */
  $(".tabs [aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });

  /* After a form came back as a page: to the first field that is to be mended. */
  $("main [aria-invalid=true]")?.focus();
  const local = (root) => {
    for (const time of $$("time[data-local]", root)) {
      const at = new Date(time.dateTime);
      time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: { day: undefined, second: "medium", "": "short" }[time.dataset.local] });
    }
  };
  document.addEventListener("htmx:load", (event) => local(event.detail.elt));
  local(document);
})();
